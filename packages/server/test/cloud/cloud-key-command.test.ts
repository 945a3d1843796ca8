import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { adminClient } from '../../src/command/admin-client.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { migrateStore } from '../../src/runtime/open-store.ts'
import { shop } from '../fixture/apps.ts'
import { issuer } from '../fixture/config.ts'
import type { Settings } from '../fixture/process.ts'
import { hufu, productionSettings, serveHufu } from '../fixture/production.ts'
import { headerOf, jws, type Pair, postAssertion } from './assertion.ts'

/** A data folder with the shop in it, and no server. */
async function newShop(t: TestContext): Promise<Settings> {
  const env = productionSettings(t)
  await migrateStore(readConfig(env))
  const admin = await adminClient(() => readConfig(env), env.HUFU_DATA_DIR ?? '')
  await admin.call('POST', 'apps', { appId: shop.appId, secret: shop.secret })
  await admin.close()
  return env
}

/** Runs a command that must succeed, and returns what it printed. */
async function run(t: TestContext, env: Settings, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await hufu(t, env, ['app', 'cloud-key', ...args])
  assert.equal(status, 0, stderr)
  return stdout
}

function readKey(printed: string): Pair & { d: string } {
  const jwk = JSON.parse(Buffer.from(printed.trim(), 'base64url').toString())
  const privateKey = createPrivateKey({ key: jwk, format: 'jwk' })
  return { kid: jwk.kid, alg: jwk.kty === 'OKP' ? 'EdDSA' : 'ES256', publicKey: privateKey, privateKey, d: jwk.d }
}

let logins = 0
function assertionBy(pair: Pair, openid: string): string {
  const iat = Math.floor(Date.now() / 1000)
  const claims = {
    iss: shop.appId,
    sub: openid,
    aud: issuer,
    iat,
    exp: iat + 60,
    jti: `login-number-${++logins}-of-this-test`,
  }
  return jws(pair, headerOf(pair), claims)
}

/** Whether any file of the folder holds this private value, in any spelling. */
function holds(folder: string, d: string): boolean {
  const bytes = Buffer.from(d, 'base64url')
  const spellings = [bytes, ...(['base64url', 'base64', 'hex'] as const).map((as) => Buffer.from(bytes.toString(as)))]
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .some((path) => spellings.some((spelling) => readFileSync(path).includes(spelling)))
}

test('hufu app cloud-key add asks whether to trust unionids, and says what each choice means', async (t) => {
  const env = await newShop(t)
  for (const args of [[], ['--unionid', 'maybe'], ['--help']]) {
    const { status, stdout, stderr } = await hufu(t, env, ['app', 'cloud-key', 'add', shop.appId, ...args])
    assert.equal(status === 0, args[0] === '--help')
    const said = stdout + stderr
    assert.match(said, /--unionid trust +the unionids it vouches for count in full: they attach, link and unify users/)
    assert.match(said, /--unionid ignore +only the openid counts/)
    assert.match(said, /can speak for any openid of this app/)
    assert.match(said, /完全算数[\s\S]*只认 openid/)
  }
  assert.match(await run(t, env, 'list'), /^No cloud keys\./)
})

test('hufu app cloud-key add prints the private key once, alone on its line, and keeps it nowhere', async (t) => {
  const env = await newShop(t)
  const folder = env.HUFU_DATA_DIR ?? ''
  const server = await serveHufu(t, env)
  const added = await hufu(t, env, [
    'app',
    'cloud-key',
    'add',
    shop.appId,
    '--unionid',
    'trust',
    '--algorithm',
    'ES256',
  ])
  assert.match(added.stdout, /^[\w-]+\n$/)
  const pair = readKey(added.stdout)
  assert.match(added.stderr, new RegExp(`Added ${pair.kid}\\. .*HUFU_CLOUD_KEY.*not shown again`))
  assert.equal((await postAssertion(server.address, assertionBy(pair, 'oMei'))).status, 200)

  const rest = [added.stderr, await run(t, env, 'list'), server.printed()].join('')
  assert.ok(!rest.includes(pair.d), 'the private half stands elsewhere too')
  assert.equal(holds(folder, pair.d), false)
  await server.stop()
  assert.equal(holds(folder, pair.d), false, 'also not after the checkpoint of a stop')
  writeFileSync(join(folder, 'a-key-that-leaked'), pair.d)
  assert.ok(holds(folder, pair.d), 'a leak would have been found')
})

test('cloud keys are added, listed and revoked with and without a running server, which obeys at once', async (t) => {
  const env = await newShop(t)
  const [early, out] = [
    readKey(await run(t, env, 'add', shop.appId, '--unionid', 'ignore')),
    join(env.HUFU_DATA_DIR ?? '', 'key'),
  ]
  const server = await serveHufu(t, env)
  assert.equal(await run(t, env, 'add', shop.appId, '--unionid', 'trust', '--out', out), '')
  assert.equal(statSync(out).mode & 0o777, 0o600)
  const late = readKey(readFileSync(out, 'utf8'))
  const rows = (await run(t, env, 'list', shop.appId)).trimEnd().split('\n')
  assert.deepEqual(
    rows.map((row) => row.split(/ {2,}/).filter((_, at) => at !== 4)),
    [
      ['KEY', 'APPID', 'UNIONID', 'ALGORITHM', 'REVOKED'],
      [early.kid, shop.appId, 'ignore', 'EdDSA', '-'],
      [late.kid, shop.appId, 'trust', 'EdDSA', '-'],
    ],
  )

  const logIn = async (pair: Pair) => {
    const { status, body } = await postAssertion(server.address, assertionBy(pair, 'oMei'))
    return body.accessToken ?? `${status} ${body.code}`
  }
  const [byEarly, byLate] = [await logIn(early), await logIn(late)]
  const meStatus = async (token: string) =>
    (await fetch(`${server.address}/v1/me`, { headers: { authorization: `Bearer ${token}` } })).status
  assert.match(await run(t, env, 'revoke', early.kid), new RegExp(`^Revoked ${early.kid}\\.\n$`))
  assert.equal(await logIn(early), '401 assertion_invalid')
  assert.equal(await meStatus(byEarly), 200, 'its sessions go on until they are ended')
  assert.match(await run(t, env, 'revoke', early.kid, '--end-sessions'), /Sessions ended: 1\./)
  assert.deepEqual([await meStatus(byEarly), await meStatus(byLate)], [401, 200])

  await server.stop()
  assert.match(await run(t, env, 'revoke', late.kid, '--end-sessions'), /Sessions ended: 1\./)
  assert.match((await run(t, env, 'list')).trimEnd().split('\n')[2] ?? '', /\d{4}-\d\d-\d\dT.*\d{4}-\d\d-\d\dT/)
})

test('given a key file that cannot be written, or an unknown app, then no cloud key is added', async (t) => {
  const env = await newShop(t)
  const taken = join(env.HUFU_DATA_DIR ?? '', 'taken')
  writeFileSync(taken, 'precious')
  for (const [appId, out, complaint] of [
    [shop.appId, taken, /taken cannot be made \(EEXIST\); no key was added/],
    ['wx0000000000000000', join(env.HUFU_DATA_DIR ?? '', 'free'), /This server does not know the app/],
  ] as const) {
    const { status, stderr } = await hufu(t, env, [
      'app',
      'cloud-key',
      'add',
      appId,
      '--unionid',
      'trust',
      '--out',
      out,
    ])
    assert.equal(status, 1)
    assert.match(stderr, complaint)
  }
  assert.equal(readFileSync(taken, 'utf8'), 'precious')
  assert.ok(!readdirSync(env.HUFU_DATA_DIR ?? '').includes('free'))
  assert.match(await run(t, env, 'list'), /^No cloud keys\./)
})

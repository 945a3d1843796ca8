import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { LoginReply, TokenReply } from '@hufu/contract'
import { openSqliteStore } from '../packages/server/src/adapters/sqlite/store.ts'
import { openKey } from '../packages/server/src/adapters/tokens/keyring.ts'
import { sealingVault } from '../packages/server/src/adapters/vault.ts'
import { club, loner, news, shop } from '../packages/server/test/fixture/apps.ts'
import { adminToken, masterKey } from '../packages/server/test/fixture/config.ts'
import {
  type Answer,
  addApp,
  ask,
  type HufuProcess,
  newProcessFixture,
  runHufu,
  type ServerProcess,
  startHufu,
} from '../packages/server/test/fixture/process.ts'
import { canariesIn, spellings } from '../packages/server/test/fixture/spellings.ts'

const NONCE = 'a-nonce-that-only-its-client-knows'
const ROTATED = 'r07a73dr07a73dr07a73dr07a73dr07a'
const nextMasterKey = Buffer.alloc(32, 99).toString('base64')
const PHONE = '13587654321'

/** Where a secret may stand; everything else must stand nowhere. */
const MAY_STAND: Record<string, RegExp> = {
  'access token': /^answer to POST \/v1\/(login|refresh)$/,
  'refresh token': /^answer to POST \/v1\/(login|refresh)$/,
}

/** Everything that came out of a run, by where it was found, and every secret that went in. */
class Run {
  readonly secrets: Record<string, string> = {
    'AppSecret of the shop': shop.secret,
    'AppSecret of the club': club.secret,
    'AppSecret after its reset': ROTATED,
    'master key': masterKey,
    'next master key': nextMasterKey,
    'admin token': adminToken,
    nonce: NONCE,
    phone: PHONE,
  }
  readonly found = new Map<string, string[]>()
  #plants = 0

  plant(name: string, value: string | undefined): void {
    assert.ok(value, `there is no ${name} to look for`)
    this.secrets[`${name} #${++this.#plants}`] = value
  }

  note(place: string, text: string): void {
    const texts = this.found.get(place) ?? []
    this.found.set(place, [...texts, text])
  }

  /** One request, whose whole answer is noted. */
  async ask(url: string, method: string, body?: unknown, token?: string): Promise<Answer> {
    const answer = await ask(url, method, body, token)
    const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join('\n')
    this.note(`answer to ${method} ${new URL(url).pathname}`, `${headers}\n${answer.text}`)
    return answer
  }

  processOf(hufu: HufuProcess): void {
    const { pid } = hufu.child
    if (process.platform === 'linux') this.note('arguments', readFileSync(`/proc/${pid}/cmdline`, 'latin1'))
  }

  files(folder: string): void {
    for (const name of readdirSync(folder)) {
      const file = join(folder, name)
      if (statSync(file).isFile()) this.note(`file ${name}`, readFileSync(file, 'latin1'))
    }
  }

  /** What stands where it must not. */
  leaks(): string[] {
    return [...this.found].flatMap(([place, texts]) =>
      canariesIn(this.secrets, texts.join('\n'))
        .filter((canary) => {
          const [name = ''] = canary.split(' #')
          return !MAY_STAND[name]?.test(place)
        })
        .map((canary) => `${place}: ${canary}`),
    )
  }
}

type TestServer = Awaited<ReturnType<typeof newProcessFixture>> & { run: Run; hufu: ServerProcess }

async function logIn({ run, hufu, wechat }: TestServer, app: { appId: string }, person: string): Promise<LoginReply> {
  const code = wechat.login(app.appId, person)
  run.plant('code', code)
  const reply = await run.ask(`${hufu.url}/v1/login`, 'POST', { appId: app.appId, code, nonce: NONCE })
  assert.equal(reply.status, 200, reply.text)
  const login = reply.body as LoginReply
  if (app !== news) run.plant('session_key', wechat.sessionKey(app.appId, person))
  run.plant('access token', login.accessToken)
  run.plant('refresh token', login.refreshToken)
  return login
}

/** What clients do, well and badly. */
async function clients(server: TestServer): Promise<LoginReply> {
  const { run, hufu, wechat } = server
  const at = (path: string) => `${hufu.url}${path}`
  const mei = await logIn(server, shop, 'mei')
  const bo = await logIn(server, club, 'bo')
  await logIn(server, club, 'mei')
  await logIn(server, news, 'mei')
  const { refreshToken, accessToken } = mei
  const next = (await run.ask(at('/v1/refresh'), 'POST', { refreshToken })).body as TokenReply
  run.plant('access token', next.accessToken)
  run.plant('refresh token', next.refreshToken)
  await run.ask(at('/v1/me'), 'GET', undefined, next.accessToken)
  await run.ask(at('/v1/me/sessions'), 'GET', undefined, accessToken)
  const last = (await run.ask(at('/v1/refresh'), 'POST', { refreshToken: next.refreshToken })).body as TokenReply
  run.plant('refresh token', last.refreshToken)
  await run.ask(at('/v1/refresh'), 'POST', { refreshToken }) // a theft

  // Every secret where it does not belong: what is refused must not be repeated.
  for (const secret of [refreshToken, accessToken, shop.secret, NONCE, adminToken]) {
    await run.ask(at('/v1/login'), 'POST', { appId: secret, code: secret })
    await run.ask(at('/v1/login'), 'POST', { appId: shop.appId, code: secret, nonce: secret, [secret]: secret })
    await run.ask(at('/v1/refresh'), 'POST', { refreshToken: secret })
    await run.ask(at(`/v1/me?access_token=${encodeURIComponent(secret)}`), 'GET')
    await run.ask(at('/v1/me'), 'GET', undefined, secret)
    const text = await fetch(at('/v1/login'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"${secret}`,
    })
    run.note('answer to broken JSON', await text.text())
  }
  for (const path of ['/healthz', '/readyz', '/.well-known/jwks.json', '/nowhere']) await run.ask(at(path), 'GET')

  for (const fault of [
    'html',
    'truncated',
    'hang-after-redeem',
    'reset-mid-body',
    'openid-missing',
    'gzip-lie',
    'redirect',
  ] as const) {
    wechat.fault({ fault, times: 1 })
    const code = wechat.login(shop.appId, 'bo')
    run.plant('code', code)
    await run.ask(at('/v1/login'), 'POST', { appId: shop.appId, code })
    run.plant('session_key', wechat.sessionKey(shop.appId, 'bo'))
  }
  wechat.clearFaults()
  await run.ask(at('/v1/logout'), 'POST', { refreshToken: bo.refreshToken })
  return mei
}

/** What operators do, over the listener and by the command. */
async function operators(t: TestContext, server: TestServer, { user }: LoginReply): Promise<void> {
  const { run, hufu, folder, wechat, settings } = server
  const admin = (method: string, path: string, body?: unknown) =>
    run.ask(`${hufu.adminUrl}/admin/v1/${path}`, method, body, adminToken)
  // WeChat refuses the app until its new secret is known here.
  wechat.addApp({ appId: shop.appId, kind: shop.kind, secret: ROTATED })
  const code = wechat.login(shop.appId, 'bo')
  run.plant('code', code)
  const refused = await run.ask(`${hufu.url}/v1/login`, 'POST', { appId: shop.appId, code })
  assert.equal(refused.status, 503)
  const elsewhere = mkdtempSync(join(tmpdir(), 'hufu-secret-'))
  t.after(() => rmSync(elsewhere, { recursive: true }))
  const file = join(elsewhere, 'secret')
  writeFileSync(file, ROTATED)
  const command = async (...words: string[]) => {
    const hufu = runHufu(t, words, { HUFU_DATA_DIR: folder, HUFU_MASTER_KEY: settings.HUFU_MASTER_KEY ?? '' })
    run.processOf(hufu)
    assert.equal(await hufu.ended, 0, hufu.printed())
    run.note(`output of hufu ${words[0]}`, hufu.printed())
  }
  await command('app', 'rotate-secret', shop.appId, '--secret-file', file)
  await command('app', 'list')
  await command('backup', join(folder, 'backup.db'))
  await command('conflicts', 'list')
  for (const path of [
    'apps',
    'realms',
    'users',
    `users/${user.id}`,
    `users?unionid=x`,
    'events?limit=200',
    'unifications',
    'conflicts?all=1',
  ]) {
    await admin('GET', path)
  }
  await admin('POST', 'apps', { appId: shop.appId, secret: shop.secret })
  await admin('POST', 'apps', { appId: 'wx9', secret: `${shop.secret} with a blank` })
  await admin('PATCH', `apps/${loner.appId}`, { secret: club.secret })
  await admin('POST', `users/${user.id}/block`)
  await admin('DELETE', `users/${user.id}`)
  await ask(`${hufu.adminUrl}/admin/v1/apps`, 'GET', undefined, `${adminToken}x`)
}

/** The keys that the server made for itself, taken out of its database. */
async function plantKeys(run: Run, file: string, key: string): Promise<void> {
  const store = await openSqliteStore(file)
  try {
    const vault = sealingVault({ current: Buffer.from(key, 'base64'), previous: undefined })
    for (const stored of (await store.registry.setup()).keys) {
      const opened = openKey(vault, stored)
      if (stored.purpose === 'signing') run.plant('signing key', JSON.parse(opened).d)
      else {
        run.plant('refresh key', opened)
        run.plant('refresh key as bytes', Buffer.from(opened, 'base64url').toString('latin1'))
      }
    }
  } finally {
    await store.upkeep.close()
  }
}

test('T01 T05 given a whole run of the product, then no answer, header, log, file, backup, output or argument holds a secret', async (t) => {
  const run = new Run()
  const fixture = await newProcessFixture(t, { seed: 'secrets' })
  const { wechat, settings, folder, file } = fixture
  for (const name of ['mei', 'bo']) wechat.addPerson({ name, phone: PHONE })
  const hufu = await startHufu(t, settings)
  run.processOf(hufu)
  for (const app of [shop, club, news, loner]) await addApp(hufu, app)
  const server = { ...fixture, run, hufu }
  const mei = await clients(server)
  await operators(t, server, mei)
  run.files(folder) // with the write-ahead log as it is while the server runs
  hufu.child.kill('SIGTERM')
  assert.equal(await hufu.ended, 0)
  run.note('log', hufu.printed())

  // The master key is changed, which seals everything again; and a wrong one is refused.
  const changed = await startHufu(t, {
    ...settings,
    HUFU_MASTER_KEY: nextMasterKey,
    HUFU_MASTER_KEY_PREVIOUS: masterKey,
  })
  changed.child.kill('SIGTERM')
  await changed.ended
  run.note('log', changed.printed())
  const wrong = runHufu(t, ['serve'], settings)
  assert.equal(await wrong.ended, 1)
  run.note('log', wrong.printed())
  run.files(folder)
  await plantKeys(run, file, nextMasterKey)

  assert.deepEqual(run.leaks(), [])

  const kinds = new Set(Object.keys(run.secrets).map((name) => name.split(' #')[0]))
  assert.ok(kinds.size >= 12, [...kinds].join(', '))
  assert.ok(run.found.size >= 25, [...run.found.keys()].join(', '))
})

test('the search for secrets finds one in every spelling and place', () => {
  const secret = 'Z9/x+secret"key=='
  for (const [how, spelling] of Object.entries(spellings(secret))) {
    assert.ok(canariesIn({ secret }, `before ${spelling} after`).includes(`secret (${how})`), how)
  }
  for (const before of ['', 'a', 'ab', 'abc']) {
    const inside = Buffer.from(`${before}${secret} and more`)
    for (const alphabet of ['base64', 'base64url'] as const) {
      assert.notDeepEqual(canariesIn({ secret }, inside.toString(alphabet)), [], `${alphabet} after ${before}`)
    }
  }
  assert.deepEqual(canariesIn({ secret }, 'Z9/x+secret key=='), [])

  const run = new Run()
  run.plant('refresh token', 'ses_1.a/b')
  for (const place of ['answer to POST /v1/login', 'answer to GET /v1/me', 'file hufu.db']) run.note(place, 'ses_1.a/b')
  run.note('log', Buffer.from(adminToken).toString('hex').toUpperCase())
  assert.deepEqual(run.leaks(), [
    'answer to GET /v1/me: refresh token #1 (raw)',
    'answer to GET /v1/me: refresh token #1 (JSON-escaped)',
    'file hufu.db: refresh token #1 (raw)',
    'file hufu.db: refresh token #1 (JSON-escaped)',
    'log: admin token (hex)',
  ])
})

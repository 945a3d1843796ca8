import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoginReply } from '@hufu/contract'
import { openPostgresStore } from '../src/adapters/postgres/store.ts'
import { keyCheck, sealingVault } from '../src/adapters/vault.ts'
import { club, loner, shop } from './fixture/apps.ts'
import { adminToken, masterKey } from './fixture/config.ts'
import { addApp, ask, newProcessFixture, runHufu, startHufu, waitUntil } from './fixture/process.ts'
import { outcomeOf } from './fixture/reply.ts'
import { newServer } from './fixture/server.ts'
import { openEmptyPostgres } from './stores/postgres.ts'

const nextKey = Buffer.alloc(32, 9).toString('base64')

test('C17 K1 and K1→K2 serve one PostgreSQL while an operator writes through both: nothing is lost, nothing unreadable', async (t) => {
  const database = await openEmptyPostgres()
  t.after(database.drop)
  const { settings, folder, wechat } = await newProcessFixture(t)
  const start = (name: string, keys: Record<string, string>) =>
    startHufu(t, {
      ...settings,
      HUFU_DATABASE_URL: database.url,
      HUFU_DATA_DIR: `${folder}/${name}`,
      HUFU_ISSUER: 'http://hufu.example',
      ...keys,
    })
  const old = await start('old', { HUFU_MASTER_KEY: masterKey })
  await addApp(old, shop)
  wechat.addPerson({ name: 'mei' })
  const logIn = async (url: string, appId: string = shop.appId): Promise<LoginReply> => {
    const reply = await ask(`${url}/v1/login`, 'POST', { appId, code: wechat.login(appId, 'mei') })
    assert.equal(reply.status, 200, reply.text)
    return reply.body as LoginReply
  }
  const before = await logIn(old.url)

  // An operator changes a secret through the old process all the while; what is answered 200 must stand.
  let going = true
  let acknowledged = 0
  const refusals: string[] = []
  const operator = async () => {
    for (let n = 1; going; n++) {
      const secret = String(n).padStart(32, '0')
      const reply = await ask(`${old.adminUrl}/admin/v1/apps/${loner.appId}`, 'PATCH', { secret }, adminToken)
      if (reply.status === 200) acknowledged = n
      else refusals.push(`${outcomeOf(reply)}`)
    }
  }
  await addApp(old, loner)
  const writing = operator()
  await waitUntil(() => acknowledged > 5)
  const next = await start('next', { HUFU_MASTER_KEY: nextKey, HUFU_MASTER_KEY_PREVIOUS: masterKey })
  await waitUntil(() => refusals.length > 2)
  going = false
  await writing
  assert.ok(
    refusals.every((one) => one === '503 server_misconfigured'),
    [...new Set(refusals)].join(),
  )
  await waitUntil(() => old.printed().includes('"msg":"master_key_replaced"'))

  // Both serve, and take each other's tokens; the old one's writing of secrets and keys is refused by name.
  const through = [await logIn(old.url), await logIn(next.url), before]
  for (const { url } of [old, next]) {
    for (const { accessToken } of through)
      assert.equal((await ask(`${url}/v1/me`, 'GET', undefined, accessToken)).status, 200)
  }
  for (const [method, path, body] of [
    ['POST', 'apps', { appId: club.appId, secret: club.secret }],
    ['POST', 'keys/rotate', {}],
    ['POST', 'keys/1/retire', undefined],
  ] as const) {
    const reply = await ask(`${old.adminUrl}/admin/v1/${path}`, method, body, adminToken)
    assert.equal(outcomeOf(reply), '503 server_misconfigured')
    assert.match(reply.text, /Another master key has taken over/)
  }
  await addApp(next, club)
  const rotated = await ask(`${next.adminUrl}/admin/v1/keys/rotate`, 'POST', {}, adminToken)
  assert.equal(rotated.status, 201, rotated.text)
  for (const server of [old, next]) {
    server.child.kill('SIGTERM')
    assert.equal(await server.ended, 0)
  }

  // Without the previous key everything opens: the last acknowledged secret, every key, both apps.
  const last = await start('last', { HUFU_MASTER_KEY: nextKey })
  assert.doesNotMatch(last.printed(), /sealed_value_not_opened/)
  await logIn(last.url, club.appId)
  await ask(`${last.url}/v1/refresh`, 'POST', { refreshToken: before.refreshToken }).then(({ status }) =>
    assert.equal(status, 200),
  )
  const store = await openPostgresStore(database.url)
  t.after(() => store.upkeep.close())
  const { apps, keys } = await store.registry.setup()
  const vault = sealingVault({ current: Buffer.alloc(32, 9), previous: undefined })
  const secretOf = (id: string) =>
    vault.open(Buffer.from(apps.find((app) => app.id === id)?.secretSealed ?? '', 'base64url'), `app_secret ${id}`)
  assert.equal(secretOf(loner.appId), String(acknowledged).padStart(32, '0'))
  assert.equal(secretOf(shop.appId), shop.secret)
  for (const key of keys) assert.ok(vault.open(Buffer.from(key.sealed, 'base64url'), `key ${key.purpose}`))
  const sealed = await database.select(
    'SELECT app_id, openid, session_key_sealed FROM identities WHERE session_key_sealed IS NOT NULL',
  )
  const both = sealingVault({ current: Buffer.alloc(32, 9), previous: Buffer.from(masterKey, 'base64') })
  for (const row of sealed) {
    assert.ok(both.open(row.session_key_sealed as Uint8Array, `session_key ${row.app_id} ${row.openid}`))
  }
  const refused = runHufu(t, ['serve'], {
    ...settings,
    HUFU_DATABASE_URL: database.url,
    HUFU_PORT: '0',
    HUFU_ADMIN_PORT: '0',
  })
  assert.equal(await refused.ended, 2, refused.printed())
  assert.match(refused.printed(), /HUFU_MASTER_KEY is not the key/)
})

test('C17 what an older process sealed after the change is sealed again at the next start', async (t) => {
  const server = await newServer(t)
  const k1 = sealingVault({ current: Buffer.from(masterKey, 'base64'), previous: undefined })
  const late = (appId: string, secret: string) =>
    server.store.registry.changeApp({
      act: { actor: 'operator', requestId: 'late', now: server.clock.now() },
      appId: appId as never,
      change: { secretSealed: Buffer.from(k1.seal(secret, `app_secret ${appId}`)).toString('base64url') },
    })
  const both = { HUFU_MASTER_KEY: nextKey, HUFU_MASTER_KEY_PREVIOUS: masterKey }
  await server.restart(both)
  for (const app of [shop, club, loner]) {
    await late(app.appId, app.secret) // by a process that has heard of nothing
    await server.restart(both)
    await server.restart({ HUFU_MASTER_KEY: nextKey })
    await server.logIn(app, 'mei')
    assert.doesNotMatch(server.printed(), /sealed_value_not_opened/)
    await server.restart(both)
  }
})

test('C17 a row that does not open is named by kind and id, and stops no other', async (t) => {
  const server = await newServer(t)
  const { accessToken } = await server.logIn(club, 'mei')
  const foreign = sealingVault({ current: Buffer.alloc(32, 77), previous: undefined })
  const damage: [string, string][] = [
    [shop.appId, Buffer.from(foreign.seal(shop.secret, `app_secret ${shop.appId}`)).toString('base64url')],
    [loner.appId, 'AAAA'],
  ]
  const act = { actor: 'operator', requestId: 'damage', now: server.clock.now() }
  for (const [appId, secretSealed] of damage) {
    await server.store.registry.changeApp({ act, appId: appId as never, change: { secretSealed } })
  }
  await server.store.registry.addKey({
    act,
    purpose: 'signing',
    algorithm: 'ES256',
    sealed: 'not sealed at all',
    another: true,
  })
  await server.restart()
  for (const [kind, id] of [
    ['app', `"${shop.appId}"`],
    ['app', `"${loner.appId}"`],
    ['key', '3'],
  ] as const) {
    assert.match(server.printed(), new RegExp(`"kind":"${kind}","id":${id},.*"msg":"sealed_value_not_opened"`))
  }
  assert.ok(!server.printed().includes('not sealed at all') && !server.printed().includes(shop.secret))
  assert.equal((await server.get('/v1/me', accessToken)).status, 200)
  await server.logIn(club, 'bo')
  for (const app of [shop, loner]) {
    const reply = await server.post('/v1/login', { appId: app.appId, code: server.code(app, 'mei') })
    assert.equal(outcomeOf(reply), '503 server_misconfigured')
    const mended = await server.admin('PATCH', `apps/${app.appId}`, { secret: app.secret })
    assert.equal(mended.status, 200, mended.text)
    await server.logIn(app, 'mei')
  }
  const check = server.rows("SELECT value FROM settings WHERE name = 'key-check'")[0]?.value
  assert.equal(check, keyCheck(Buffer.from(masterKey, 'base64')))
})

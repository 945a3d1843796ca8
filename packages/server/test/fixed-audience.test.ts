import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { LoginReply } from '@hufu/contract'
import { createSimulator } from '@hufu/simulator'
import { pinoLog } from '../src/adapters/pino-log.ts'
import { openPostgresStore } from '../src/adapters/postgres/store.ts'
import { openSqliteStore } from '../src/adapters/sqlite/store.ts'
import { compose, type Service } from '../src/compose.ts'
import { createHufu } from '../src/create-hufu.ts'
import type { Store } from '../src/ports/store.ts'
import { rival, shop } from './fixture/apps.ts'
import { adminToken, config, issuer, masterKey } from './fixture/config.ts'
import { MORNING } from './fixture/time.ts'
import { simulatedTransport } from './fixture/wechat.ts'
import { openTestPostgres } from './stores/postgres.ts'

const log = pinoLog('silent')

interface Database {
  /** Opens it once more, as another process would. */
  open(): Promise<Store>
}

async function sqlite(t: TestContext): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return { open: () => openSqliteStore(join(folder, 'hufu.db'), { synchronous: 'OFF' }) }
}

async function postgres(t: TestContext): Promise<Database> {
  const database = await openTestPostgres()
  t.after(database.drop)
  return { open: () => openPostgresStore(database.url, { connections: 2 }) }
}

async function call(
  service: Service,
  path: string,
  body: object,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const app = path.startsWith('/admin') ? service.adminApp : service.app
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }
  const reply = await app.request(path, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> }
}

const audienceOf = (token: string): unknown =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).aud

for (const [name, open] of [
  ['SQLite', sqlite],
  ['PostgreSQL', postgres],
] as const) {
  test(`A8 one fixed audience goes with one realm, at the start and later (${name})`, async (t) => {
    const database = await open(t)
    const wechat = createSimulator({ seed: name, now: () => MORNING })
    for (const { realm: _, ...app } of [shop, rival]) wechat.addApp(app as never)
    wechat.addPerson({ name: 'mei' })
    const adapters = { transport: simulatedTransport(wechat), clock: { now: () => MORNING }, log }
    let store = await database.open()
    let service = await compose(config({ HUFU_AUDIENCE: 'my-product' }), { ...adapters, store })
    for (const id of ['rival', 'a', 'second-realm']) {
      const refused = await call(service, '/admin/v1/realms', { id })
      assert.equal(`${refused.status} ${refused.body.code}`, '409 already_exists')
      assert.match(String(refused.body.detail), /Start the server without HUFU_AUDIENCE/)
    }
    assert.deepEqual(
      service.directory.realms().map(({ id }) => id),
      ['default'],
    )
    await store.upkeep.close()

    store = await database.open()
    service = await compose(config(), { ...adapters, store })
    for (const { appId, kind, secret, realm } of [shop, rival]) {
      if (realm !== 'default') assert.equal((await call(service, '/admin/v1/realms', { id: realm })).status, 201)
      assert.equal((await call(service, '/admin/v1/apps', { appId, kind, secret, realm })).status, 201)
    }
    const audiences = []
    for (const { appId } of [shop, rival]) {
      const { body } = await call(service, '/v1/login', { appId, code: wechat.login(appId, 'mei') })
      audiences.push(audienceOf((body as unknown as LoginReply).accessToken))
    }
    assert.deepEqual(audiences, [`${issuer}/realms/default`, `${issuer}/realms/rival`])
    await store.upkeep.close()

    store = await database.open()
    t.after(() => store.upkeep.close())
    for (const audience of ['my-product', `${issuer}/realms/default`, 'https://shop.example']) {
      await assert.rejects(compose(config({ HUFU_AUDIENCE: audience }), { ...adapters, store }), {
        name: 'ProblemError',
        code: 'server_misconfigured',
        message: /HUFU_AUDIENCE is one audience, and this database has 2 realms.* Leave HUFU_AUDIENCE out/,
      })
    }
  })
}

test('A8 a realm that another process adds does not get the fixed audience of this one', async (t) => {
  const database = await postgres(t)
  const wechat = createSimulator({ seed: 'two', now: () => MORNING })
  for (const { realm: _, ...app } of [shop, rival]) wechat.addApp(app as never)
  wechat.addPerson({ name: 'mei' })
  const adapters = { transport: simulatedTransport(wechat), clock: { now: () => MORNING }, log }
  const stores = [await database.open(), await database.open()] as const
  t.after(() => Promise.all(stores.map(({ upkeep }) => upkeep.close())))
  const fixed = await compose(config({ HUFU_AUDIENCE: 'my-product' }), { ...adapters, store: stores[0] })
  const other = await compose(config(), { ...adapters, store: stores[1] })
  assert.equal((await call(other, '/admin/v1/realms', { id: 'rival' })).status, 201)
  for (const { appId, kind, secret, realm } of [shop, rival]) {
    assert.equal((await call(other, '/admin/v1/apps', { appId, kind, secret, realm })).status, 201)
  }
  await fixed.directory.refresh()
  const audiences = []
  for (const { appId } of [shop, rival]) {
    const { body } = await call(fixed, '/v1/login', { appId, code: wechat.login(appId, 'mei') })
    audiences.push(audienceOf((body as unknown as LoginReply).accessToken))
  }
  assert.deepEqual(audiences, ['my-product', `${issuer}/realms/rival`])
})

test('A8 the library does not start with one audience for two realms, and says so in its own words', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'hufu.db')
  const store = await openSqliteStore(file, { synchronous: 'OFF' })
  const transport = simulatedTransport(createSimulator({ seed: 'library' }))
  const service = await compose(config(), { transport, clock: { now: () => MORNING }, log, store })
  assert.equal((await call(service, '/admin/v1/realms', { id: 'rival' })).status, 201)
  await store.upkeep.close()
  const options = { masterKey, issuer, database: `file:${file}`, logLevel: 'silent' } as const
  await assert.rejects(createHufu({ ...options, audience: 'my-product' }), {
    code: 'server_misconfigured',
    message: /^audience is one audience.* Leave audience out/,
  })
  await (await createHufu(options)).close()
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import pg from 'pg'
import { openPostgresStore } from '../src/adapters/postgres/store.ts'
import { shop } from './fixture/apps.ts'
import { adminToken } from './fixture/config.ts'
import { addApp, ask, newProcessFixture, runHufu, startHufu } from './fixture/process.ts'
import { openTransactionPooler } from './fixture/transaction-pooler.ts'
import { openEmptyPostgres, openTestPostgres } from './stores/postgres.ts'

test('C11 the pooler of the tests changes the session: a named statement is not there, or there already', async (t) => {
  const database = await openEmptyPostgres()
  const url = await openTransactionPooler(t, database.url)
  t.after(database.drop)
  const [one, two] = [new pg.Client(url), new pg.Client(url)]
  await Promise.all([one.connect(), two.connect()])
  const named = { name: 'x', text: 'SELECT 1' }
  await one.query(named)
  await assert.rejects(one.query(named), { code: '26000' })
  let seen = ''
  for (let n = 0; n < 4 && seen === ''; n++) {
    await two.query('SELECT 2')
    const other = new pg.Client(url)
    await other.connect()
    await other.query(named).catch(({ code }) => (seen = code))
    await other.end()
  }
  assert.equal(seen, '42P05')
  await Promise.all([one.end(), two.end()])
})

for (const sessions of [2, 3, 7]) {
  test(`C11 through a transaction pooler with ${sessions} sessions the store does all that it does without one`, async (t) => {
    const database = await openTestPostgres()
    const store = await openPostgresStore(await openTransactionPooler(t, database.url, sessions), { connections: 4 })
    t.after(database.drop)
    t.after(() => store.upkeep.close())
    const act = { actor: 'test', requestId: 'req', now: 1 }
    await Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        const id = `realm-${n % 10}` as never
        await store.registry.addRealm({ act, realm: { id, name: 'x', createdAt: 1 } })
        await store.registry.setup()
        await store.registry.revision()
      }),
    )
    const { realms, revision } = await store.registry.setup()
    assert.equal(realms.length, 10)
    assert.equal(revision, 10)
  })
}

test('C11 a server behind a transaction pooler migrates, logs people in and refreshes; commands work too', async (t) => {
  const database = await openEmptyPostgres()
  const url = await openTransactionPooler(t, database.url)
  const { settings, wechat } = await newProcessFixture(t)
  t.after(database.drop)
  const behind = { ...settings, HUFU_DATABASE_URL: url }
  const server = await startHufu(t, behind)
  await addApp(server, shop)
  for (let n = 0; n < 6; n++) {
    const name = `person-${n % 3}`
    if (n < 3) wechat.addPerson({ name })
    const login = await ask(`${server.url}/v1/login`, 'POST', {
      appId: shop.appId,
      code: wechat.login(shop.appId, name),
    })
    assert.equal(login.status, 200, login.text)
    const { refreshToken } = login.body as { refreshToken: string }
    assert.equal((await ask(`${server.url}/v1/refresh`, 'POST', { refreshToken })).status, 200)
  }
  const listed = await ask(`${server.adminUrl}/admin/v1/apps`, 'GET', undefined, adminToken)
  assert.equal((listed.body as { items: unknown[] }).items.length, 1)
  server.child.kill('SIGTERM')
  assert.equal(await server.ended, 0, server.printed())
  const list = runHufu(t, ['app', 'list'], behind)
  assert.equal(await list.ended, 0, list.printed())
})

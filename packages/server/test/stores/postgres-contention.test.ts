import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import pg from 'pg'
import type { PoolOptions } from '../../src/adapters/postgres/pool.ts'
import { openPostgresStore } from '../../src/adapters/postgres/store.ts'
import { openTestPostgres } from './postgres.ts'
import { checkGraph } from './schema/check-graph.ts'
import { CLUB, newTablesFixture, type OpenTables, type TablesFixture } from './store-fixture.ts'

/** What many ask for at once is not a fault: it is waited for, without keeping anybody else from working. */

async function connect(t: TestContext, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'test' })
  client.on('error', () => undefined)
  await client.connect()
  t.after(() => client.end())
  return client
}

async function reachableFixture(t: TestContext, options: PoolOptions) {
  const database = await openTestPostgres()
  t.after(database.drop)
  const store = await openPostgresStore(database.url, options)
  const opened = { store, select: database.select as OpenTables['select'], close: () => store.upkeep.close() }
  return {
    fixture: await newTablesFixture(t, async () => opened),
    url: database.url,
    holder: await connect(t, database.url),
  }
}

const WAITING = `pg_stat_activity WHERE application_name = 'hufu' AND datname = current_database() AND wait_event_type = 'Lock'`

/** Resolves when transactions of ours have begun to wait for a lock this many times. */
async function lockWaitsBegun(watcher: pg.Client, times: number): Promise<void> {
  const begun = new Set<string>()
  while (begun.size < times) {
    const { rows } = await watcher.query(`SELECT pid || ' ' || xact_start AS one FROM ${WAITING}`)
    for (const { one } of rows) begun.add(one)
  }
}

const HELD: Record<string, (fixture: TablesFixture, user: string) => string> = {
  'the row of the user': (_, user) => `SELECT 1 FROM users WHERE id = '${user}' FOR UPDATE`,
  'the row of the identity': () => "SELECT 1 FROM identities WHERE openid = 'o_mei' FOR UPDATE",
  'every identity': () => 'LOCK TABLE identities IN EXCLUSIVE MODE',
}

for (const [what, held] of Object.entries(HELD)) {
  test(`B5 a login that finds ${what} held for longer than a lock is waited for goes through when it is free`, async (t) => {
    const { fixture, url, holder } = await reachableFixture(t, { lockPatience: 100, patience: 600_000 })
    const { user } = await fixture.logIn({ openid: 'o_mei' })
    await holder.query(`BEGIN; ${held(fixture, user.id)}`)
    const login = fixture.logIn({ openid: 'o_mei' })
    await Promise.race([lockWaitsBegun(await connect(t, url), 3), login])
    await holder.query('COMMIT')
    assert.equal((await login).user.id, user.id)
    await checkGraph(fixture)
  })
}

test('B5 a login whose statement is cancelled while it waits runs again', async (t) => {
  const { fixture, url, holder } = await reachableFixture(t, {})
  const { user } = await fixture.logIn()
  await holder.query(`BEGIN; SELECT 1 FROM users WHERE id = '${user.id}' FOR UPDATE`)
  const login = fixture.logIn()
  const other = await connect(t, url)
  await lockWaitsBegun(other, 1)
  await other.query(`SELECT pg_cancel_backend(pid) FROM ${WAITING}`)
  await Promise.race([lockWaitsBegun(other, 1), login])
  await holder.query('COMMIT')
  assert.equal((await login).user.id, user.id)
})

for (const visit of [{ openid: 'o_mei' }, { openid: 'o_mei', code: 'code-1' }, { openid: 'o_mei', unionid: 'u_mei' }]) {
  test(`B5 C7 contention beyond the deadline is unavailable, and says when to come again: ${Object.keys(visit)}`, async (t) => {
    const { fixture, holder } = await reachableFixture(t, { lockPatience: 20, patience: 60 })
    await fixture.logIn({ openid: 'o_mei' })
    await holder.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE')
    await assert.rejects(fixture.logIn(visit), { name: 'ProblemError', code: 'unavailable', retryAfter: 1 })
    await holder.query('COMMIT')
    assert.equal((await fixture.logIn({ openid: 'o_mei' })).hasSession, true)
  })
}

const CROWDS: Record<string, (fixture: TablesFixture) => (index: number) => Promise<unknown>> = {
  'one openid': (fixture) => () => fixture.logIn({ openid: 'o_mei' }),
  'one person in two apps': (fixture) => (index) =>
    index % 2 === 0
      ? fixture.logIn({ openid: 'o_mei', unionid: 'u_mei' })
      : fixture.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' }),
  'one code': (fixture) => () => fixture.logIn({ openid: 'o_mei', code: 'code-1' }),
}

for (const [whose, crowd] of Object.entries(CROWDS)) {
  test(`B5 thirty logins of ${whose} that wait hold one connection, and leave the others to others`, async (t) => {
    const { fixture, holder } = await reachableFixture(t, { connections: 2, patience: 600_000 })
    await holder.query('BEGIN; LOCK TABLE identities IN EXCLUSIVE MODE')
    const logins = Promise.all(Array.from({ length: 30 }, (_, index) => crowd(fixture)(index)))
    await lockWaitsBegun(holder, 1)
    for (let look = 0; look < 10; look++) await fixture.store.upkeep.ping()
    const { rows } = await holder.query(`SELECT COUNT(*)::int AS n FROM ${WAITING}`)
    assert.deepEqual(rows, [{ n: 1 }])
    await holder.query('COMMIT')
    await logins
    assert.equal(await fixture.count('users'), 1)
    await checkGraph(fixture)
  })
}

test('B5 T19 refreshes of one session that wait hold one connection, too', async (t) => {
  const { fixture, holder } = await reachableFixture(t, { connections: 2, patience: 600_000 })
  const { facts, refresh } = await sessionOf(fixture)
  await holder.query(`BEGIN; SELECT 1 FROM sessions WHERE id = '${facts.session.id}' FOR UPDATE`)
  const refreshes = Promise.all(Array.from({ length: 20 }, refresh))
  await lockWaitsBegun(holder, 1)
  for (let look = 0; look < 10; look++) await fixture.store.upkeep.ping()
  await holder.query('COMMIT')
  assert.equal((await refreshes).filter(({ verdict }) => verdict === 'rotate').length, 1)
})

async function sessionOf(fixture: TablesFixture) {
  const { facts } = await fixture.logIn()
  return { facts, refresh: () => fixture.refresh(facts.session, facts.session.step) }
}

/** The same database, for a role that may have no more than so many connections. */
async function limitedTo(t: TestContext, connections: number) {
  const database = await openTestPostgres()
  const role = `limited_${new URL(database.url).pathname.slice(1)}`
  await database.select(`CREATE ROLE ${role} LOGIN PASSWORD 'limited' CONNECTION LIMIT ${connections}`)
  const name = new URL(database.url).pathname.slice(1)
  await database.select(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role}`)
  await database.select(`GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ${role}`)
  await database.select(`GRANT ALL ON DATABASE ${name} TO ${role}`)
  t.after(async () => {
    await database.select(`DROP OWNED BY ${role}`)
    await database.drop()
  })
  const url = new URL(database.url)
  url.username = role
  url.password = 'limited'
  return { url: url.href, select: database.select as OpenTables['select'] }
}

for (const [allowed, connections] of [
  [4, 10],
  [1, 10],
  [3, 50],
] as const) {
  test(`B8 a database that allows ${allowed} connections serves a pool of ${connections}: eighty logins, all answered`, async (t) => {
    const { url, select } = await limitedTo(t, allowed)
    const store = await openPostgresStore(url, { connections })
    const fixture = await newTablesFixture(t, async () => ({ store, select, close: () => store.upkeep.close() }))
    for (let round = 0; round < 3; round++) {
      const logins = await Promise.all(
        Array.from({ length: 80 }, (_, index) => fixture.logIn({ openid: `o_${round}_${index}` })),
      )
      assert.ok(logins.every(({ hasSession }) => hasSession))
    }
    assert.equal(await fixture.count('users'), 240)
  })
}

test('B8 while others have every connection a login waits for one, and beyond the deadline it is unavailable', async (t) => {
  const { url, select } = await limitedTo(t, 2)
  const [patient, hasty] = await Promise.all([
    openPostgresStore(url, { patience: 600_000 }),
    openPostgresStore(url, { patience: 60 }),
  ])
  const fixture = await newTablesFixture(t, async () => ({
    store: patient,
    select,
    close: () => patient.upkeep.close(),
  }))
  t.after(() => hasty.upkeep.close())
  const ofRole = `pg_stat_activity WHERE usename = '${new URL(url).username}'`
  while ((await select(`SELECT pg_terminate_backend(pid) FROM ${ofRole}`)).length > 0);
  const others = [await connect(t, url), await connect(t, url)]
  await assert.rejects(hasty.upkeep.ping(), { name: 'ProblemError', code: 'unavailable', retryAfter: 1 })
  const login = fixture.logIn()
  await assert.rejects(hasty.upkeep.ping(), { name: 'ProblemError', code: 'unavailable', retryAfter: 1 })
  await others[0]?.query('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => undefined)
  assert.equal((await login).hasSession, true)
})

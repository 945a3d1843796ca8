import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import pg from 'pg'
import { awaitAnswer } from '../../src/adapters/postgres/await-answer.ts'
import { openPool, withClient } from '../../src/adapters/postgres/pool.ts'
import { openPostgresStore } from '../../src/adapters/postgres/store.ts'
import { databaseError } from '../../src/adapters/postgres/trouble.ts'
import { prepareDatabase } from '../../src/usecases/prepare-database.ts'
import { openTestPostgres } from './postgres.ts'
import { startPostgres } from './postgres-server.ts'
import { checkGraph } from './schema/check-graph.ts'
import { bytesOf, CLUB, newTablesFixture, type OpenTables, SHOP, type TablesFixture } from './store-fixture.ts'

/** What goes wrong with a database that is another process on another machine, and how little of it is seen. */

async function connect(t: TestContext, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'test' })
  client.on('error', () => undefined)
  await client.connect()
  t.after(() => client.end())
  return client
}

/** A place on a database that the test can also reach by itself. */
async function reachableFixture(t: TestContext): Promise<{ fixture: TablesFixture; url: string }> {
  const database = await openTestPostgres()
  t.after(database.drop)
  const store = await openPostgresStore(database.url)
  const opened = { store, select: database.select as OpenTables['select'], close: () => store.upkeep.close() }
  return { fixture: await newTablesFixture(t, async () => opened), url: database.url }
}

/** Resolves when somebody waits for a lock that this database's `holder` has. */
async function somebodyWaits(holder: pg.Client): Promise<void> {
  for (let waits = false; !waits; ) {
    const { rows } = await holder.query(
      'SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))',
    )
    waits = rows.length > 0
  }
}

const HUFU_CONNECTIONS = "pg_stat_activity WHERE application_name = 'hufu' AND datname = current_database()"
const END_ALL = `SELECT pg_terminate_backend(pid) FROM ${HUFU_CONNECTIONS}`

test('connections that the server ended are replaced', async (t) => {
  const { fixture, url } = await reachableFixture(t)
  const other = await connect(t, url)
  const crowd = () => Promise.all(Array.from({ length: 20 }, (_, index) => fixture.logIn({ openid: `o_${index}` })))
  for (let round = 0; round < 5; round++) {
    await crowd()
    await other.query(END_ALL)
    while ((await other.query(`SELECT 1 FROM ${HUFU_CONNECTIONS}`)).rows.length > 0);
    assert.ok((await crowd()).every(({ hasSession }) => hasSession))
  }
  const { rows } = await other.query(`SELECT COUNT(*)::int AS n FROM ${HUFU_CONNECTIONS}`)
  assert.ok(rows[0].n <= 10)
})

test('a transaction whose connection broke before the commit runs again', async (t) => {
  const { fixture, url } = await reachableFixture(t)
  const { user } = await fixture.logIn()
  const holder = await connect(t, url)
  await holder.query(`BEGIN; SELECT 1 FROM users WHERE id = '${user.id}' FOR UPDATE`)
  const blocked = fixture.store.users.block({ act: fixture.act(), userId: user.id })
  await somebodyWaits(holder)
  await holder.query(END_ALL)
  await holder.query('COMMIT')
  assert.equal(await blocked, true)
  assert.equal(await fixture.count("outbox WHERE kind = 'user.blocked'"), 1)
})

test('T15 a deadlock is broken and never shown', async (t) => {
  const { fixture, url } = await reachableFixture(t)
  const shop = await fixture.logIn()
  const club = await fixture.logIn({ app: CLUB, unionid: 'u_mei' })
  const holder = await connect(t, url)
  await holder.query("SET deadlock_timeout = '10min'") // the login is who finds the ring, and is given up
  await holder.query(`BEGIN; SELECT 1 FROM users WHERE id = '${club.user.id}' FOR UPDATE`)
  // The login holds the shop's user and waits for the club's; now the holder wants the shop's.
  const unifying = fixture.logIn({ unionid: 'u_mei' })
  await somebodyWaits(holder)
  await holder.query(`SELECT 1 FROM users WHERE id = '${shop.user.id}' FOR UPDATE`)
  await holder.query('COMMIT')
  assert.equal((await unifying).decision, 'unify')
  const [row] = await fixture.select('SELECT deadlocks AS n FROM pg_stat_database WHERE datname = current_database()')
  assert.ok(Number(row?.n) >= 0)
  await checkGraph(fixture)
})

test('T20 T38 a server that crashes and comes back: what was answered is there, the rest is whole or absent', async (t) => {
  const server = await startPostgres({ fsync: false })
  const store = await openPostgresStore(server.url, { connections: 5 })
  const other = async (sql: string) => {
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    const { rows } = await client.query(sql)
    await client.end()
    return rows
  }
  const fixture = await newTablesFixture(t, async () => ({ store, select: other, close: () => store.upkeep.close() }))
  const answered: string[] = []
  const refused: unknown[] = []
  let isOver = false
  const load = Array.from({ length: 8 }, async (_, worker) => {
    for (let turn = 0; !isOver; turn++) {
      await fixture.logIn({ openid: `o_${worker}_${turn}` }).then(
        ({ user }) => answered.push(user.id),
        (error) => refused.push(error),
      )
    }
  })
  for (const how of ['immediate', 'fast', 'immediate'] as const) {
    const before = answered.length
    while (answered.length < before + 20) await new Promise((resolve) => setImmediate(resolve))
    await server.stop(how)
    const failed = refused.length
    while (refused.length < failed + 5) await new Promise((resolve) => setImmediate(resolve))
    await server.startAgain()
  }
  const before = answered.length
  while (answered.length === before) await new Promise((resolve) => setImmediate(resolve))
  isOver = true
  await Promise.all(load)

  for (const error of refused) {
    assert.deepEqual(
      [(error as { code: string }).code, (error as { retryAfter: number }).retryAfter],
      ['unavailable', 1],
    )
  }
  const there = new Set((await other('SELECT id FROM users')).map(({ id }) => id))
  assert.deepEqual(
    answered.filter((id) => !there.has(id)),
    [],
  )
  await checkGraph({ select: other })
  const halves = await other(`SELECT u.id FROM users u LEFT JOIN identities i ON i.user_id = u.id
    LEFT JOIN sessions s ON s.user_id = u.id LEFT JOIN outbox o ON o.user_id = u.id
    WHERE i.user_id IS NULL OR s.user_id IS NULL OR o.user_id IS NULL`)
  assert.deepEqual(halves, [])
})

test('C7 while the server is away every call is refused, and says when to come again', async (t) => {
  const server = await startPostgres({ fsync: false })
  const store = await openPostgresStore(server.url)
  t.after(() => store.upkeep.close())
  await server.stop('fast')
  for (const call of [
    () => store.upkeep.ping(),
    () => store.registry.setup(),
    () => store.registry.setSetting({ name: 'a', value: 'b', ifAbsent: true }),
  ]) {
    await assert.rejects(call(), { name: 'ProblemError', code: 'unavailable', retryAfter: 1 })
  }
  await server.startAgain()
  await store.upkeep.ping()
})

test('every connection has its limits, and reads what is committed whatever the database prefers', async (t) => {
  const database = await openTestPostgres()
  t.after(database.drop)
  const name = new URL(database.url).pathname.slice(1)
  await database.select(`ALTER DATABASE ${name} SET default_transaction_isolation = serializable`)
  const pool = openPool(database.url)
  t.after(() => pool.end())
  const settings = ['lock_timeout', 'statement_timeout', 'transaction_isolation', 'application_name']
  const values: unknown[] = []
  await withClient(pool, async (client) => {
    for (const one of settings) values.push((await client.query(`SHOW ${one}`)).rows[0]?.[one])
  })
  assert.deepEqual(values, ['5s', '15s', 'read committed', 'hufu'])
})

test('C7 trouble of the server is told from faults of ours', () => {
  const error = (code: string): Error => Object.assign(new pg.DatabaseError('…', 1, 'error'), { code })
  const troubles = ['08006', '28P01', '3D000', '53300', '53100', '55P03', '57014', '57P01', '57P03', '58030', '25006']
  for (const code of troubles) assert.equal((databaseError(error(code)) as { code: string }).code, 'unavailable', code)
  for (const code of ['42P01', '42601', '23502', '23505', '40001']) {
    const fault = error(code)
    assert.equal(databaseError(fault), fault, code)
  }
})

test('T07 a code that another process is about to remember is waited for', async (t) => {
  const { fixture } = await reachableFixture(t)
  const looking = fixture.store.logins.findByCode({ appId: SHOP, codeHash: bytesOf('code-1') })
  await fixture.logIn({ code: 'code-1' })
  // On a busy machine the login may take longer than whoever looks is prepared to wait.
  const answer =
    (await looking) ?? (await fixture.store.logins.findByCode({ appId: SHOP, codeHash: bytesOf('code-1') }))
  assert.equal(answer?.isNew, true)
})

test('T07 what never comes is looked for six times within a second', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const looks: number[] = []
  let now = 0
  let isOver = false
  const answer = awaitAnswer(async () => void looks.push(now)).finally(() => {
    isOver = true
  })
  while (!isOver) {
    await new Promise((resolve) => setImmediate(resolve))
    now += 10
    t.mock.timers.tick(10)
  }
  assert.equal(await answer, undefined)
  assert.deepEqual(looks, [0, 20, 60, 150, 400, 1000])
})

test('a backup is a matter for PostgreSQL’s own tools', async (t) => {
  const { fixture } = await reachableFixture(t)
  await assert.rejects(fixture.store.upkeep.backup('/nowhere'), { code: 'invalid_request', message: /pg_dump/ })
})

test('T24 ten processes that prepare one fresh database at once agree on mode, realm, master key and keys', async (t) => {
  const database = await openTestPostgres()
  const stores = await Promise.all(
    Array.from({ length: 10 }, () => openPostgresStore(database.url, { connections: 2 })),
  )
  t.after(async () => {
    await Promise.all(stores.map(({ upkeep }) => upkeep.close()))
    await database.drop()
  })
  await Promise.all(
    stores.map(({ registry }, index) =>
      prepareDatabase(
        {
          registry,
          keeper: {
            check: 'the same master key',
            previousCheck: undefined,
            newKey: (purpose) => `${purpose} of ${index}`,
            isStale: () => false,
            resealKey: ({ sealed }) => sealed,
            resealAppSecret: ({ secretSealed }) => secretSealed,
          },
        },
        {
          act: { actor: 'system', requestId: 'start', now: 1 },
          mode: 'development',
          algorithm: 'ES256',
          audience: undefined,
        },
      ),
    ),
  )
  const setups = await Promise.all(stores.map(({ registry }) => registry.setup()))
  for (const setup of setups) assert.deepEqual(setup, setups[0])
  assert.deepEqual(
    setups[0]?.realms.map(({ id }) => id),
    ['default'],
  )
  assert.deepEqual(setups[0]?.keys.map(({ purpose }) => purpose).sort(), ['refresh', 'signing'])
})

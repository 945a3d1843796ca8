import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import pg from 'pg'
import { quickLogIn } from '../../src/adapters/postgres/quick-log-in.ts'
import { runInTransaction } from '../../src/adapters/postgres/run-transaction.ts'
import { transactions } from '../../src/adapters/sql/transactions/index.ts'
import { LIFETIMES } from '../../src/domain/session.ts'
import type { LoginFacts } from '../../src/ports/logins.ts'
import { openTestPostgresStore, urlOfDatabase } from './postgres.ts'
import { recycle } from './recycle.ts'
import {
  CLUB,
  NEWS,
  newTablesFixture,
  type OpenTables,
  RIVAL,
  SHOP,
  type TablesFixture,
  type Visit,
} from './store-fixture.ts'

const openStore = recycle(openTestPostgresStore)
const TABLES = ['users', 'identities', 'sessions', 'login_codes', 'conflicts', 'unifications', 'outbox', 'audit_events']

/** The tables whole, but for the numbers that PostgreSQL gives. */
async function dump({ select }: Pick<OpenTables, 'select'>): Promise<unknown> {
  const tables: unknown[] = []
  for (const table of TABLES) {
    const rows = await select(`SELECT * FROM ${table} ORDER BY 1, 2`)
    tables.push([table, rows.map(({ seq: _, ...row }) => row)])
  }
  return tables
}

/** A connection of its own to the database of a fixture. */
async function connect(t: TestContext, { select }: Pick<OpenTables, 'select'>): Promise<pg.Client> {
  const [database] = await select('SELECT current_database() AS name')
  const client = new pg.Client({ connectionString: await urlOfDatabase(String(database?.name)) })
  client.setTypeParser(pg.types.builtins.INT8, Number)
  await client.connect()
  await client.query('SET lock_timeout = 60000') // a wait that should not be is a failure, not a hang
  t.after(() => client.end())
  return client
}

type Case = { before: (fixture: TablesFixture) => Promise<unknown>; visit: Visit }

const known: Record<string, Case> = {
  'without a unionid': { before: ({ logIn }) => logIn(), visit: {} },
  'with the unionid we hold': { before: ({ logIn }) => logIn({ unionid: 'u_mei' }), visit: { unionid: 'u_mei' } },
  'whose unionid WeChat leaves out': { before: ({ logIn }) => logIn({ unionid: 'u_mei' }), visit: {} },
  'with a code': { before: ({ logIn }) => logIn(), visit: { code: 'code-1' } },
  'with a code and a nonce': { before: ({ logIn }) => logIn(), visit: { code: 'code-1', nonce: 'nonce-1' } },
  'with a code that is remembered already': {
    before: ({ logIn }) => logIn({ code: 'code-1' }),
    visit: { code: 'code-1', nonce: 'nonce-1' },
  },
  'without a session key': { before: ({ logIn }) => logIn(), visit: { sealed: undefined } },
  'with a session key of no bytes': { before: ({ logIn }) => logIn(), visit: { sealed: new Uint8Array() } },
  'by Cloud Run': {
    before: ({ logIn }) => logIn(),
    visit: { method: { name: 'cloud-run' }, sealed: undefined },
  },
  'with twelve sessions, of which some ended': {
    async before(fixture) {
      for (let device = 0; device < 12; device++) {
        const { user, facts } = await fixture.logIn()
        const ending = { act: fixture.act(), userId: user.id, sessionId: facts.session.id, reason: 'logout' } as const
        if (device % 4 === 0) await fixture.store.sessions.end(ending)
        fixture.pass(1000)
      }
    },
    visit: {},
  },
  'with ten live sessions and idle ones': {
    async before(fixture) {
      for (let device = 0; device < 5; device++) await fixture.logIn()
      fixture.pass(LIFETIMES.idle)
      for (let device = 0; device < 10; device++) await fixture.logIn()
    },
    visit: {},
  },
  'after the clock stepped back': {
    async before(fixture) {
      for (let device = 0; device < 11; device++) await fixture.logIn()
      fixture.pass(-86_400_000)
    },
    visit: {},
  },
  'who has former ids': {
    async before(fixture) {
      for (const app of [SHOP, CLUB, NEWS]) {
        await fixture.logIn({ app })
        fixture.pass(1)
      }
      for (const app of [NEWS, SHOP, CLUB]) await fixture.logIn({ app, unionid: 'u_mei' })
    },
    visit: { unionid: 'u_mei' },
  },
}

for (const [who, { before, visit }] of Object.entries(known)) {
  test(`somebody known ${who}: one statement does to the letter what the transaction does`, async (t) => {
    const fixture = await newTablesFixture(t, openStore)
    await before(fixture)
    const client = await connect(t, fixture)
    const facts = fixture.facts(visit)

    await client.query('BEGIN')
    const quick = await quickLogIn(client, facts)
    const afterQuick = await dump({ select: async (sql) => (await client.query(sql)).rows })
    await client.query('ROLLBACK')
    const whole = await runInTransaction(client, transactions.logins.commit.begin(facts), {
      locks: [],
      committing: () => undefined,
    })
    assert.deepEqual(quick, whole)
    assert.deepEqual(afterQuick, await dump({ select: async (sql) => (await client.query(sql)).rows }))
  })
}

const unknown: Record<string, Case> = {
  nobody: { before: async () => undefined, visit: {} },
  'a new openid with a known unionid': {
    before: ({ logIn }) => logIn({ app: CLUB, unionid: 'u_mei' }),
    visit: { unionid: 'u_mei' },
  },
  'a unionid that comes late': { before: ({ logIn }) => logIn(), visit: { unionid: 'u_mei' } },
  'another unionid than ours': { before: ({ logIn }) => logIn({ unionid: 'u_mei' }), visit: { unionid: 'u_new' } },
  'somebody blocked': {
    async before(fixture) {
      const { user } = await fixture.logIn()
      await fixture.store.users.block({ act: fixture.act(), userId: user.id })
    },
    visit: {},
  },
  'somebody deleted': {
    async before(fixture) {
      const { user } = await fixture.logIn()
      await fixture.store.users.delete({ act: fixture.act(), userId: user.id })
    },
    visit: {},
  },
}

for (const [who, { before, visit }] of Object.entries(unknown)) {
  test(`${who}: the one statement writes nothing and sends on to the transaction`, async (t) => {
    const fixture = await newTablesFixture(t, openStore)
    await before(fixture)
    const client = await connect(t, fixture)
    const facts = fixture.facts(visit)
    const was = await dump(fixture)
    assert.equal(await quickLogIn(client, facts), undefined)
    assert.deepEqual(await dump(fixture), was)
    const login = await fixture.commit(facts)
    assert.ok(login.decision !== 'sign-in' || login.user.unionid === 'u_mei' || !login.hasSession)
  })
}

test('somebody known, by a cloud function: the one statement writes nothing, for it spends no assertion', async (t) => {
  const fixture = await newTablesFixture(t, openStore)
  await fixture.logIn()
  const client = await connect(t, fixture)
  const method = { name: 'cloud-function', cloudKeyId: 'ck_1', jti: 'jti-1', expiresAt: 2e12 } as const
  assert.equal(await quickLogIn(client, fixture.facts({ method })), undefined)
  assert.equal(await fixture.count('sessions'), 1)
})

test('an app that is in another realm by now: the one statement writes nothing', async (t) => {
  const fixture = await newTablesFixture(t, openStore)
  await fixture.logIn({ app: RIVAL })
  const client = await connect(t, fixture)
  const facts: LoginFacts = { ...fixture.facts({ app: RIVAL }), realmId: 'default' as never }
  assert.equal(await quickLogIn(client, facts), undefined)
  assert.equal(await fixture.count('sessions'), 1)
})

/**
 * Runs the one statement so that it has looked at the database, and has not yet held a row, when `meanwhile` begins; it
 * goes on when `meanwhile` is committed.
 */
async function interrupted(t: TestContext, fixture: TablesFixture, visit: Visit, meanwhile: () => Promise<unknown>) {
  const [client, gate] = [await connect(t, fixture), await connect(t, fixture)]
  const { pid } = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0]
  const slowly = {
    query: ({ text, values }: { text: string; values: unknown[] }) => {
      const paused = text.replace(
        'FROM seen\n',
        'FROM (SELECT *, pg_advisory_xact_lock(1, 42) FROM seen OFFSET 0) AS seen\n',
      )
      assert.notEqual(paused, text)
      return client.query(paused, values)
    },
  } as Pick<pg.ClientBase, 'query'>
  await gate.query('SELECT pg_advisory_lock(1, 42)')
  const quick = quickLogIn(slowly, fixture.facts(visit))
  for (let waits = false; !waits; ) {
    const { rows } = await gate.query(
      "SELECT 1 FROM pg_locks WHERE pid = $1 AND locktype = 'advisory' AND NOT granted",
      [pid],
    )
    waits = rows.length > 0
  }
  await meanwhile()
  await gate.query('SELECT pg_advisory_unlock(1, 42)')
  return quick
}

test('interrupting the one statement changes nothing by itself', async (t) => {
  const fixture = await newTablesFixture(t, openStore)
  await fixture.logIn()
  const outcome = await interrupted(t, fixture, {}, async () => undefined)
  assert.equal(outcome?.decision, 'sign-in')
})

for (const [what, meanwhile] of Object.entries<(fixture: TablesFixture, user: never) => Promise<unknown>>({
  'T11 a block': (fixture, userId) => fixture.store.users.block({ act: fixture.act(), userId }),
  'a deletion': (fixture, userId) => fixture.store.users.delete({ act: fixture.act(), userId }),
  'another login of the same person': (fixture) => fixture.logIn({ unionid: 'u_mei' }),
  'T16 a unification that makes the user the survivor': async (fixture) => {
    await fixture.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
  },
})) {
  test(`${what} that is committed while the one statement is under way sends it on to the transaction`, async (t) => {
    const fixture = await newTablesFixture(t, openStore)
    const { user } = await fixture.logIn({ unionid: 'u_mei' })
    fixture.pass(1)
    await fixture.logIn({ app: CLUB, openid: 'c_mei' })
    const outcome = await interrupted(t, fixture, { unionid: 'u_mei' }, () => meanwhile(fixture, user.id as never))
    assert.equal(outcome, undefined)
  })
}

test('T16 a unification that absorbs the user while the one statement is under way sends it on to the transaction', async (t) => {
  const fixture = await newTablesFixture(t, openStore)
  const elder = await fixture.logIn({ app: CLUB, openid: 'c_mei' })
  fixture.pass(1)
  await fixture.logIn({ unionid: 'u_mei' })
  const visit = { unionid: 'u_mei' }
  const outcome = await interrupted(t, fixture, visit, () => fixture.logIn({ app: CLUB, openid: 'c_mei', ...visit }))
  assert.equal(outcome, undefined)
  const login = await fixture.logIn(visit)
  assert.equal(login.user.id, elder.user.id)
})

test('T16 an undoing that splits the identity off while the one statement is under way sends it on to the transaction', async (t) => {
  const fixture = await newTablesFixture(t, openStore)
  const elder = await fixture.logIn({ app: CLUB, openid: 'c_mei' })
  fixture.pass(1)
  const younger = await fixture.logIn({ unionid: 'u_mei' })
  await fixture.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
  const [{ id } = { id: '' }] = await fixture.store.reconciliation.listUnifications({ after: undefined, limit: 1 })
  const outcome = await interrupted(t, fixture, {}, () => fixture.store.reconciliation.undo({ act: fixture.act(), id }))
  assert.equal(outcome, undefined)
  assert.deepEqual([(await fixture.logIn()).user.id, elder.user.id === younger.user.id], [younger.user.id, false])
})

test('a row that somebody else holds is not waited for', async (t) => {
  const fixture = await newTablesFixture(t, openStore)
  await fixture.logIn()
  const [client, holder] = [await connect(t, fixture), await connect(t, fixture)]
  for (const table of ['users', 'identities']) {
    await holder.query(`BEGIN; SELECT 1 FROM ${table} FOR NO KEY UPDATE`)
    assert.equal(await quickLogIn(client, fixture.facts()), undefined)
    await holder.query('ROLLBACK')
  }
  assert.equal((await quickLogIn(client, fixture.facts()))?.hasSession, true)
})

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import pg from 'pg'
import { quickLogIn } from '../../src/adapters/postgres/quick-log-in.ts'
import { openPostgresStore } from '../../src/adapters/postgres/store.ts'
import type { Statement } from '../../src/adapters/sql/sql.ts'
import { SQLITE } from '../../src/adapters/sqlite/run-transaction.ts'
import { LIFETIMES, SESSIONS_PER_APP } from '../../src/domain/session.ts'
import { openTestPostgres } from './postgres.ts'
import { openRecordingStore } from './recording-store.ts'
import { newStoreFixture, SHOP, type StoreFixture } from './store-fixture.ts'

/** Sessions that one person once had. */
const PAST = 5000

/** Ways in which sessions become the past. */
const ENDINGS = ['crowded_out', 'logout', 'operator', 'expired']

/** A person with that much behind them, and as many sessions that live as there may be. */
const past = (userId: string, ending: string, before: number): string => `
  INSERT INTO sessions (id, user_id, app_id, openid, created_at, last_used_at, generation, key_number, salt, rotated_at, ended)
  WITH RECURSIVE past (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM past WHERE i < ${PAST})
  SELECT 'ses_0' || i, '${userId}', '${SHOP}', 'o_mei', ${before} - i, ${before} - i, 0, 1, (SELECT salt FROM sessions LIMIT 1), ${before} - i, '${ending}'
  FROM past`

async function live(fixture: StoreFixture): Promise<string> {
  let userId = ''
  for (let device = 0; device < SESSIONS_PER_APP; device++) {
    fixture.pass(1000)
    userId = (await fixture.logIn()).user.id
  }
  return userId
}

const listSessions = (fixture: StoreFixture, userId: string) =>
  fixture.store.sessions.listOf({ userId: userId as never, now: fixture.now(), lifetimes: LIFETIMES })

async function sqlite(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-history-'))
  const recording = openRecordingStore(join(folder, 'hufu.db'))
  const close = async (): Promise<void> => {
    await recording.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { ...recording, fixture: await newStoreFixture(t, async () => ({ store: recording.store, close })) }
}

for (const ending of ENDINGS) {
  test(`B3 SQLite: ${PAST} sessions of one person that ended (${ending}) are no part of what their login reads`, async (t) => {
    const { fixture, db, listen } = await sqlite(t)
    const userId = await live(fixture)
    db.exec(past(userId, ending, fixture.now()))
    const asked: Statement[] = []
    listen((statement) => asked.push(statement))
    await fixture.logIn()
    assert.equal((await listSessions(fixture, userId)).length, SESSIONS_PER_APP)
    const steps = asked.flatMap(({ text, values }) =>
      db
        .prepare(`EXPLAIN QUERY PLAN ${text.in(SQLITE)}`)
        .all(...values)
        .map(({ detail }) => String(detail)),
    )
    const ofSessions = steps.filter((step) => /\b(SCAN|SEARCH) (s|sessions)\b/.test(step))
    assert.ok(ofSessions.length >= 3, steps.join('\n'))
    for (const step of ofSessions) {
      assert.match(step, /INDEX sessions_live \(user_id=\?|PRIMARY KEY \(id=\?\)/)
    }
    const found = db.prepare('SELECT COUNT(*) AS n FROM sessions INDEXED BY sessions_live WHERE ended IS NULL').get()
    assert.deepEqual({ ...found }, { n: SESSIONS_PER_APP }, 'and that index holds what lives')
  })

  test(`B3 PostgreSQL: ${PAST} sessions of one person that ended (${ending}) are no part of what their login reads`, async (t) => {
    const database = await openTestPostgres()
    const store = await openPostgresStore(database.url)
    const close = async (): Promise<void> => {
      await store.upkeep.close()
      await database.drop()
    }
    const fixture = await newStoreFixture(t, async () => ({ store, close }))
    const userId = await live(fixture)
    await database.select(past(userId, ending, fixture.now()))
    await database.select('VACUUM ANALYZE sessions')
    assert.equal((await listSessions(fixture, userId)).length, SESSIONS_PER_APP)
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    try {
      assert.ok((await rowsReadByLogin(client, fixture)) <= 3 * SESSIONS_PER_APP)
    } finally {
      await client.end()
    }
  })
}

interface Plan {
  'Relation Name'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  Plans?: Plan[]
}

/** Rows of the table of sessions that the quick login of somebody looked at. */
async function rowsReadByLogin(client: pg.Client, fixture: StoreFixture): Promise<number> {
  let read = 0
  const explaining = {
    query: async ({ text, values }: { text: string; values: unknown[] }) => {
      const { rows } = await client.query({ text: `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values })
      const sum = (plan: Plan): number =>
        (plan['Relation Name'] === 'sessions'
          ? (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops']
          : 0) + (plan.Plans ?? []).reduce((rest, one) => rest + sum(one), 0)
      read += sum(rows[0]['QUERY PLAN'][0].Plan)
      return { rows: [] }
    },
  }
  await quickLogIn(explaining as never, fixture.facts())
  assert.ok(read > 0)
  return read
}

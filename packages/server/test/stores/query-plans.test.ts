import assert from 'node:assert/strict'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { quickLogIn } from '../../src/adapters/postgres/quick-log-in.ts'
import type { SqlText, Value } from '../../src/adapters/sql/sql.ts'
import { namedTransactions } from '../../src/adapters/sql/store.ts'
import { SQLITE } from '../../src/adapters/sqlite/run-transaction.ts'
import { newSessionId, newUserId, type RealmId } from '../../src/domain/ids.ts'
import { askEverything } from './every-transaction.ts'
import { openTestPostgres } from './postgres.ts'
import { FILL_POSTGRES } from './postgres-fill.ts'
import { openRecordingStore } from './recording-store.ts'
import { newStoreFixture, open, RIVAL } from './store-fixture.ts'

/** Tables that grow with people and with time. The others have a row for each app, realm or key. */
const BIG = [
  'users',
  'identities',
  'sessions',
  'login_codes',
  'spent_assertions',
  'audit_events',
  'outbox',
  'conflicts',
  'unifications',
]

const SOURCES = fileURLToPath(new URL('../../src/adapters/sql/transactions/', import.meta.url))

const folder = mkdtempSync(join(tmpdir(), 'hufu-plans-'))
const recording = openRecordingStore(join(folder, 'hufu.db'))
after(async () => {
  await recording.close()
  rmSync(folder, { recursive: true, force: true })
})

before(async (t) => {
  await askEverything(
    await newStoreFixture(t as never, async () => ({ store: recording.store, close: async () => {} })),
  )
})

const words = (sql: string): string => sql.replace(/\s+/g, ' ').trim()
const each = (): [string, string, SqlText, Value[]][] =>
  [...recording.statements].map(([text, { by, values }]) => [by, words(text.in(SQLITE)), text, values])

test('every transaction was asked, and every statement of theirs', () => {
  assert.deepEqual(
    namedTransactions.map(({ port, method }) => `${port}.${method}`).filter((name) => !recording.asked.has(name)),
    [],
  )
  const asked = each().map(([, sql]) => sql)
  const missing = templatesInSources().filter(({ like }) => !asked.some((sql) => like.test(sql)))
  assert.deepEqual(
    missing.map(({ file, sql }) => `${file}: ${sql}`),
    [],
  )
})

/** Every statement as it stands in the sources; whatever stands in its places is not known here. */
function templatesInSources(): { file: string; sql: string; like: RegExp }[] {
  const found = globSync('**/*.ts', { cwd: SOURCES }).flatMap((file) =>
    [...readFileSync(join(SOURCES, file), 'utf8').matchAll(/\bsql`([^`]*(?:\$\{`[^`]*`\}[^`]*)*)`/g)].map(
      ([, sql = '']) => ({
        file,
        sql: words(sql),
      }),
    ),
  )
  assert.ok(found.length > 80, `only ${found.length} statements were found`)
  return found.map(({ file, sql }) => {
    const pieces = withoutPlaces(sql).map((piece) => words(piece).replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    return { file, sql, like: new RegExp(`^${pieces.join('.*')}$`) }
  })
}

/** What stands between the places of a template, whose places may hold braces of their own. */
function withoutPlaces(template: string): string[] {
  const pieces: string[] = []
  let rest = template
  for (let start = rest.indexOf('${'); start >= 0; start = rest.indexOf('${')) {
    pieces.push(rest.slice(0, start))
    let depth = 0
    let end = start + 1
    do {
      if (rest[end] === '{') depth++
      if (rest[end] === '}') depth--
      end++
    } while (depth > 0)
    rest = rest.slice(end)
  }
  return [...pieces, rest]
}

/** How SQLite goes about a statement, step by step. */
function planOf(sql: string, values: Value[]): string[] {
  // A row that is inserted has no children yet, and none are looked for; the plan shows how they would be.
  recording.db.exec(`PRAGMA foreign_keys = ${sql.startsWith('INSERT') ? 'OFF' : 'ON'}`)
  const steps = recording.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values)
  return steps.map(({ detail }) => String(detail))
}

/** What a name in a plan stands for. */
function tablesOf(sql: string): Map<string, string> {
  const named = sql.matchAll(/\b(?:FROM|JOIN|UPDATE|INTO) (\w+)(?: (?:AS )?(\w+))?/g)
  return new Map([...named].map(([, table = '', name]) => [name ?? table, table]))
}

test('B6 SQLite finds whatever is asked of a table that grows by an index, and reads none of them through', () => {
  for (const [by, sql, , values] of each()) {
    const steps = planOf(sql, values)
    const tables = tablesOf(sql)
    const through = steps.filter((step) => {
      const [, name = ''] = /^SCAN (\w+)/.exec(step) ?? []
      return BIG.includes(tables.get(name) ?? name)
    })
    assert.deepEqual(through, [], `${by}: ${sql}\n${steps.join('\n')}`)
  }
})

test('B6 SQLite takes what is newest or oldest from an index in its order, and sorts no page', () => {
  const pages = each().filter(([, sql]) => /ORDER BY .* LIMIT \?$/.test(sql))
  assert.ok(pages.length >= 10, `${pages.length} pages`)
  for (const [by, sql, , values] of pages) {
    const steps = planOf(sql, values)
    assert.ok(!steps.some((step) => step.includes('TEMP B-TREE')), `${by}: ${sql}\n${steps.join('\n')}`)
  }
})

interface Plan {
  'Node Type': string
  'Relation Name'?: string
  'Index Cond'?: string
  'Recheck Cond'?: string
  'TID Cond'?: string
  Plans?: Plan[]
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]

/** The parts of a statement's plan that read a table which grows without asking an index for something. */
async function readThrough(client: pg.Client, sql: string, values: readonly unknown[]): Promise<Plan[]> {
  const { rows } = await client.query({ text: `EXPLAIN (FORMAT JSON) ${sql}`, values: [...values] })
  const [{ Plan }] = rows[0]['QUERY PLAN'] as [{ Plan: Plan }]
  return nodesOf(Plan).filter(
    (node) =>
      BIG.includes(node['Relation Name'] ?? '') &&
      node['Node Type'].endsWith('Scan') &&
      !(node['Index Cond'] ?? node['Recheck Cond'] ?? node['TID Cond']),
  )
}

/** The one statement that is PostgreSQL's own. */
async function statementsOfQuickLogin(): Promise<{ text: string; values: unknown[] }[]> {
  const asked: { text: string; values: unknown[] }[] = []
  const client = {
    query: async (statement: { text: string; values: unknown[] }) => {
      asked.push(statement)
      return { rows: [] }
    },
  }
  const now = 2_000_000_000_000
  await quickLogIn(client as never, {
    act: { actor: 'app', requestId: 'req', now },
    appId: RIVAL,
    realmId: 'default' as RealmId,
    openid: open('z_7'),
    unionid: undefined,
    sealedSessionKey: new Uint8Array(1),
    code: { hash: new Uint8Array(1), nonceHash: undefined },
    newUserId: newUserId(now),
    session: {
      id: newSessionId(now),
      step: { generation: 0, keyNumber: 1, salt: new Uint8Array(16) },
      idleSince: 1,
      startedSince: 1,
    },
    method: { name: 'code' },
  })
  return asked
}

test('B6 PostgreSQL has an index for whatever is asked of a table that grows', async (t) => {
  const database = await openTestPostgres()
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  t.after(async () => {
    await client.end()
    await database.drop()
  })
  await client.query(FILL_POSTGRES)
  await client.query("SET plan_cache_mode = 'force_custom_plan'")
  for (const [by, sql, text, values] of each()) {
    const numbered = text.in({ place: (number) => `$${number}`, hasLocks: true })
    assert.deepEqual(await readThrough(client, numbered, values), [], `${by}: ${sql}`)
  }
  const [quick] = await statementsOfQuickLogin()
  assert.deepEqual(await readThrough(client, quick?.text ?? '', quick?.values ?? []), [], 'the quick login')
})

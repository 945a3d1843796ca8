import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backup, DatabaseSync, type StatementSync } from 'node:sqlite'
import pg from 'pg'
import { openPostgresStore } from '../../src/adapters/postgres/store.ts'
import { type SqlDriver, sqlStore } from '../../src/adapters/sql/store.ts'
import { openWriter } from '../../src/adapters/sqlite/database.ts'
import { migrateSqlite } from '../../src/adapters/sqlite/migrate.ts'
import { transactionRunner } from '../../src/adapters/sqlite/run-transaction.ts'
import { openSqliteStore } from '../../src/adapters/sqlite/store.ts'
import type { Store } from '../../src/ports/store.ts'
import { openTestPostgres } from '../stores/postgres.ts'
import type { OpenTables, Table } from '../stores/store-fixture.ts'

export const DATABASE = 'hufu.db'

export type Row = Record<string, unknown>
export type Question = [sql: string, ...values: (string | number)[]]

/** A store, and a connection of its own to its tables that no code of ours takes part in. */
export interface StoreFixture {
  readonly store: Store
  select: OpenTables['select']
  rows(sql: string, ...values: (string | number)[]): Promise<Row[]>
  /** Several answers from one moment of the database. */
  look(...asked: Question[]): Promise<Row[][]>
  /** Closes the store and opens it again, as a restart does. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** SQLite as it is served, with its writer on a thread. */
export const sqliteStore = (): Promise<StoreFixture> =>
  inFolder(newFolder(), (file) => openSqliteStore(file, { synchronous: 'OFF' }))

/** The same transactions and the same SQL, one after the other on this thread: no message waits, so many scenarios fit. */
export const inlineStore = (folder: string = newFolder()): Promise<StoreFixture> =>
  inFolder(folder, async (file) => sqlStore(inlineDriver(file)))

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'hufu-model-'))

/** The folder goes when the fixture is closed. */
async function inFolder(folder: string, open: (file: string) => Promise<Store>): Promise<StoreFixture> {
  const file = join(folder, DATABASE)
  let store = await open(file)
  const reader = new DatabaseSync(file, { readOnly: true })
  const prepared = new Map<string, StatementSync>()
  const ask = ([sql, ...values]: Question): Row[] => {
    const statement = prepared.get(sql) ?? reader.prepare(sql)
    prepared.set(sql, statement)
    return statement.all(...values)
  }
  return {
    get store() {
      return store
    },
    rows: async (...asked) => ask(asked),
    select: async (sql) => ask([sql]) as Table,
    async look(...asked) {
      reader.exec('BEGIN')
      const found = asked.map(ask)
      reader.exec('COMMIT')
      return found
    },
    async restart() {
      await store.upkeep.close()
      store = await open(file)
    },
    async close() {
      reader.close()
      await store.upkeep.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function inlineDriver(file: string): SqlDriver {
  const db = openWriter(file, 'OFF')
  migrateSqlite(db)
  const run = transactionRunner(db)
  return {
    async write({ transaction }, input) {
      db.exec('BEGIN IMMEDIATE')
      try {
        const done = run(transaction.begin(input))
        db.exec('COMMIT')
        return done
      } catch (error) {
        db.exec('ROLLBACK')
        throw error
      }
    },
    read: async ({ transaction }, input) => run(transaction.begin(input)),
    search: async ({ transaction }, input) => run(transaction.begin(input)),
    backup: async (target) => void (await backup(db, target)),
    close: async () => db.close(),
  }
}

/** PostgreSQL, with a connection of its own for the reader. */
export async function postgresStore(): Promise<StoreFixture & { url: string }> {
  const { url, drop } = await openTestPostgres()
  let store = await openPostgresStore(url)
  const reader = new pg.Client({ connectionString: url })
  reader.setTypeParser(pg.types.builtins.INT8, Number)
  await reader.connect()
  const names = new Map<string, { name: string; text: string }>()
  const prepare = (sql: string) => {
    let place = 0
    const made = { name: `reader ${names.size}`, text: sql.replace(/\?/g, () => `$${++place}`) }
    names.set(sql, made)
    return made
  }
  const ask = async ([sql, ...values]: Question): Promise<Row[]> =>
    (await reader.query<Row>({ ...(names.get(sql) ?? prepare(sql)), values })).rows
  return {
    url,
    get store() {
      return store
    },
    rows: (...asked) => ask(asked),
    select: async (sql) => (await ask([sql])) as Table,
    async look(...asked) {
      // One statement sees one moment, and costs one round trip.
      const each = asked.map(([sql], place) => `(SELECT json_agg(t) FROM (${sql}) t) AS q${place}`)
      const [found = {}] = await ask([`SELECT ${each.join(', ')}`, ...asked.flatMap(([, ...values]) => values)])
      return asked.map((_, place) => (found[`q${place}`] as Row[] | null) ?? [])
    },
    async restart() {
      await store.upkeep.close()
      store = await openPostgresStore(url)
    },
    async close() {
      await reader.end()
      await store.upkeep.close()
      await drop()
    },
  }
}

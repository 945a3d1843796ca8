import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readMigrations } from '../../src/adapters/migrations.ts'
import { migratePostgresUrl, openPostgresStore } from '../../src/adapters/postgres/store.ts'
import { migrateSqliteFile, openSqliteStore } from '../../src/adapters/sqlite/store.ts'
import type { Store } from '../../src/ports/store.ts'
import { masterKey } from '../fixture/config.ts'
import { COMPILE_CACHE, runHufu, type Settings } from '../fixture/process.ts'
import { openEmptyPostgres } from './postgres.ts'

/** A database without tables, of one kind or the other. */
interface Empty {
  /** As the configuration names it, and as the tests' own program does. */
  url: string
  place: string
  tables(): Promise<string[]>
  run(sql: string): Promise<unknown[]>
  migrate(): Promise<string[]>
  open(): Promise<Store>
}

async function emptySqlite(t: TestContext): Promise<Empty> {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-migrate-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'hufu.db')
  const ask = async (sql: string): Promise<Record<string, unknown>[]> => {
    const db = new DatabaseSync(file)
    try {
      return db.prepare(sql).all()
    } finally {
      db.close()
    }
  }
  return {
    url: `file:${file}`,
    place: file,
    tables: async () =>
      (await ask("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")).map(({ name }) =>
        String(name),
      ),
    run: ask,
    migrate: async () => migrateSqliteFile(file),
    open: () => openSqliteStore(file, { synchronous: 'OFF' }),
  }
}

async function emptyPostgres(t: TestContext): Promise<Empty> {
  const { url, select, drop } = await openEmptyPostgres()
  t.after(drop)
  return {
    url,
    place: url,
    tables: async () =>
      (await select("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"))
        .map(({ relname }) => String(relname))
        .filter((name) => name !== 'hufu_migrations'),
    run: select,
    migrate: () => migratePostgresUrl(url),
    open: () => openPostgresStore(url, { connections: 2 }),
  }
}

const stores = {
  SQLite: { kind: 'sqlite', empty: emptySqlite, newer: 'PRAGMA user_version = 9999' },
  PostgreSQL: {
    kind: 'postgres',
    empty: emptyPostgres,
    newer: "INSERT INTO hufu_migrations (number, name) VALUES (9999, '9999-later')",
  },
} as const

const PROGRAM = fileURLToPath(new URL('migrate-and-die.ts', import.meta.url))
const FIRST_TABLES = readMigrations('sqlite').flatMap(({ statements }) =>
  statements.flatMap((statement) => /^CREATE TABLE (\w+)/.exec(statement)?.[1] ?? []),
)

for (const [name, { kind, empty, newer }] of Object.entries(stores)) {
  test(`${name}: a migration that is killed before any of its statements stands before or after, and goes on`, async (t) => {
    const database = await empty(t)
    const seen = new Set<number>()
    for (let at = 1, isDone = false; !isDone; at++) {
      const child = spawn(process.execPath, ['-C', 'source', PROGRAM, kind, database.place, String(at)], {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
      })
      const [code, signal] = await once(child, 'exit')
      assert.ok(code === 0 || signal === 'SIGKILL', `ended with ${code ?? signal}`)
      isDone = code === 0
      const tables = await database.tables()
      assert.ok(
        [0, FIRST_TABLES.length, FIRST_TABLES.length + 1].includes(tables.length),
        `before statement ${at}: ${tables}`,
      )
      seen.add(tables.length)
    }
    assert.deepEqual([...seen], [0, FIRST_TABLES.length, FIRST_TABLES.length + 1])
    assert.deepEqual((await database.tables()).sort(), [...FIRST_TABLES, 'second'].sort())
    assert.equal((await database.run('SELECT id, extra FROM second')).length, 2)
  })

  test(`${name}: hufu migrate brings a database up to date, says what it did, and does nothing the second time`, async (t) => {
    const { url } = await empty(t)
    const folder = mkdtempSync(join(tmpdir(), 'hufu-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const settings: Settings = {
      HUFU_DATA_DIR: folder,
      HUFU_DATABASE_URL: url,
      HUFU_MASTER_KEY: masterKey,
      HUFU_ISSUER: 'https://hufu.example',
    }
    const migrated = async (): Promise<unknown[]> => {
      const hufu = runHufu(t, ['migrate'], settings)
      return [await hufu.ended, hufu.printed().trim()]
    }
    assert.deepEqual(await migrated(), [0, 'Applied: 0001-first.'])
    assert.deepEqual(await migrated(), [0, 'The database is up to date.'])
  })

  test(`${name}: a database of a newer release is refused, and left as it is`, async (t) => {
    const database = await empty(t)
    await database.migrate()
    await database.run(newer)
    const refused = { code: 'server_misconfigured', message: /made by a newer Hufu/ }
    await assert.rejects(database.migrate(), refused)
    await assert.rejects(database.open(), refused)
    assert.equal((await database.tables()).length, FIRST_TABLES.length)
  })
}

test('PostgreSQL: ten processes that open an empty database at once make its tables once', async (t) => {
  const database = await emptyPostgres(t)
  const stores = await Promise.all(Array.from({ length: 10 }, () => database.open()))
  await Promise.all(stores.map(({ registry }) => registry.revision()))
  await Promise.all(stores.map(({ upkeep }) => upkeep.close()))
  assert.deepEqual((await database.tables()).sort(), FIRST_TABLES.toSorted())
})

test('both stores have the same tables, columns and indexes', async (t) => {
  const [sqlite, postgres] = [await emptySqlite(t), await emptyPostgres(t)]
  for (const database of [sqlite, postgres]) await database.migrate()
  const lines = (rows: unknown): string[] => (rows as { line: string }[]).map(({ line }) => line).sort()
  const columns = lines(
    await sqlite.run(`SELECT t.name || '.' || c.name || CASE WHEN c."notnull" OR c.pk THEN ' required' ELSE '' END AS line
      FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'`),
  )
  assert.deepEqual(
    lines(
      await postgres.run(`SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'NO' THEN ' required' ELSE '' END AS line
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'hufu_migrations'`),
    ),
    columns,
  )
  const indexes = (sql: string): RegExpMatchArray[] => [...sql.matchAll(/CREATE (?:UNIQUE )?INDEX [^;]+/g)]
  const schema = async (kind: 'sqlite' | 'postgres') =>
    readMigrations(kind).flatMap(({ statements }) => statements.flatMap((one) => indexes(one).map(([index]) => index)))
  assert.deepEqual(await schema('postgres'), await schema('sqlite'))
})

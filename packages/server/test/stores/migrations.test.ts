import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readMigrations } from '../../src/adapters/migrations.ts'
import { masterKey } from '../fixture/config.ts'
import { runHufu, type Settings } from '../fixture/process.ts'
import { emptyPostgres, emptySqlite, migrateAndDie } from './empty-database.ts'

const stores = {
  SQLite: { empty: emptySqlite, newer: 'PRAGMA user_version = 9999' },
  PostgreSQL: {
    empty: emptyPostgres,
    newer: "INSERT INTO hufu_migrations (number, name) VALUES (9999, '9999-later')",
  },
} as const

const TABLES_OF = readMigrations('sqlite').map(({ statements }) =>
  statements.flatMap((statement) => /^CREATE TABLE (\w+)/.exec(statement)?.[1] ?? []),
)
const ALL_TABLES = TABLES_OF.flat()
/** How many tables there are before the first migration, after each, and after one more. */
const COUNTS = [
  ...new Set([0, ...TABLES_OF.map((_, at) => TABLES_OF.slice(0, at + 1).flat().length), ALL_TABLES.length + 1]),
]

for (const [name, { empty, newer }] of Object.entries(stores)) {
  test(`${name}: a migration that is killed before any of its statements stands before or after, and goes on`, async (t) => {
    const database = await empty(t)
    const seen = new Set<number>()
    for (let at = 1, isDone = false; !isDone; at++) {
      isDone = await migrateAndDie(database, at, 'and one more')
      const tables = await database.tables()
      assert.ok(COUNTS.includes(tables.length), `before statement ${at}: ${tables}`)
      seen.add(tables.length)
    }
    assert.ok(seen.size >= 3 && seen.has(0) && seen.has(ALL_TABLES.length + 1), [...seen].join())
    assert.deepEqual((await database.tables()).sort(), [...ALL_TABLES, 'second'].sort())
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
      return [await hufu.ended, hufu.printed().trim().split('\n').at(-1)] // the line before names the database
    }
    assert.deepEqual(await migrated(), [
      0,
      `Applied: ${readMigrations('sqlite')
        .map(({ name }) => name)
        .join(', ')}.`,
    ])
    assert.deepEqual(await migrated(), [0, 'The database is up to date.'])
  })

  test(`${name}: a database of a newer release is refused, and left as it is`, async (t) => {
    const database = await empty(t)
    await database.migrate()
    await database.run(newer)
    const refused = { code: 'server_misconfigured', message: /made by a newer Hufu/ }
    await assert.rejects(database.migrate(), refused)
    await assert.rejects(database.open(), refused)
    assert.equal((await database.tables()).length, ALL_TABLES.length)
  })
}

test('PostgreSQL: ten processes that open an empty database at once make its tables once', async (t) => {
  const database = await emptyPostgres(t)
  const stores = await Promise.all(Array.from({ length: 10 }, () => database.open()))
  await Promise.all(stores.map(({ registry }) => registry.revision()))
  await Promise.all(stores.map(({ upkeep }) => upkeep.close()))
  assert.deepEqual((await database.tables()).sort(), ALL_TABLES.toSorted())
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
  // SQLite ends an index of such a table with `seq` by itself, the number of the row.
  const indexes = (sql: string): RegExpMatchArray[] => [
    ...sql.replace(/, seq\)/, ')').matchAll(/CREATE (?:UNIQUE )?INDEX [^;]+/g),
  ]
  const schema = async (kind: 'sqlite' | 'postgres') =>
    readMigrations(kind).flatMap(({ statements }) => statements.flatMap((one) => indexes(one).map(([index]) => index)))
  assert.deepEqual(await schema('postgres'), await schema('sqlite'))
})

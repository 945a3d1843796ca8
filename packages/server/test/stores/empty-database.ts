import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { readMigrations } from '../../src/adapters/migrations.ts'
import { migratePostgres } from '../../src/adapters/postgres/migrate.ts'
import { migratePostgresUrl, openPostgresStore } from '../../src/adapters/postgres/store.ts'
import { migrateSqlite } from '../../src/adapters/sqlite/migrate.ts'
import { migrateSqliteFile, openSqliteStore } from '../../src/adapters/sqlite/store.ts'
import type { Store } from '../../src/ports/store.ts'
import { COMPILE_CACHE } from '../fixture/process.ts'
import { openEmptyPostgres } from './postgres.ts'

/** A database without tables, of one kind or the other. */
export interface EmptyDatabase {
  kind: 'sqlite' | 'postgres'
  /** As the configuration names it, and as the tests' own program does. */
  url: string
  where: string
  tables(): Promise<string[]>
  run(sql: string): Promise<unknown[]>
  migrate(): Promise<string[]>
  /** Brings it to where an older release left it. */
  migrateTo(number: number): Promise<void>
  open(): Promise<Store>
}

export async function emptySqlite(t: TestContext): Promise<EmptyDatabase> {
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
    kind: 'sqlite',
    url: `file:${file}`,
    where: file,
    tables: async () =>
      (await ask("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")).map(({ name }) =>
        String(name),
      ),
    run: ask,
    migrate: async () => migrateSqliteFile(file),
    async migrateTo(number) {
      const db = new DatabaseSync(file)
      migrateSqlite(db, readMigrations('sqlite').slice(0, number))
      db.close()
    },
    open: () => openSqliteStore(file, { synchronous: 'OFF' }),
  }
}

export async function emptyPostgres(t: TestContext): Promise<EmptyDatabase> {
  const { url, select, drop } = await openEmptyPostgres()
  t.after(drop)
  return {
    kind: 'postgres',
    url,
    where: url,
    tables: async () =>
      (await select("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"))
        .map(({ relname }) => String(relname))
        .filter((name) => name !== 'hufu_migrations'),
    run: select,
    migrate: () => migratePostgresUrl(url),
    async migrateTo(number) {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      await migratePostgres(client, readMigrations('postgres').slice(0, number))
      await client.end()
    },
    open: () => openPostgresStore(url, { connections: 2 }),
  }
}

const PROGRAM = fileURLToPath(new URL('migrate-and-die.ts', import.meta.url))

/** Migrates in a process that kills itself before its n-th statement. Resolves to whether there was no n-th any more. */
export async function migrateAndDie(
  { kind, where }: EmptyDatabase,
  statement: number,
  more: 'and one more' | 'as released' = 'as released',
): Promise<boolean> {
  const child = spawn(process.execPath, ['-C', 'source', PROGRAM, kind, where, String(statement), more], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
  })
  const [code, signal] = await once(child, 'exit')
  assert.ok(code === 0 || signal === 'SIGKILL', `ended with ${code ?? signal}`)
  return code === 0
}

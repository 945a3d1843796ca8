import { existsSync, statSync } from 'node:fs'
import { type Restored, restoreSqliteFile } from '../adapters/sqlite/restore.ts'
import { migrateSqliteFile, openSqliteStore } from '../adapters/sqlite/store.ts'
import { keyCheck } from '../adapters/vault.ts'
import type { Config } from '../config/config.ts'
import { databaseName } from '../config/database-url.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Store } from '../ports/store.ts'

/** Opens the database that the configuration names, made where there is none, and brought up to this release's schema. */
export async function openStore({ database, databasePool }: Pick<Config, 'database' | 'databasePool'>): Promise<Store> {
  if (database.kind === 'sqlite')
    return openSqliteStore(database.file).catch((cause) => notOpened(database.file, cause))
  const { openPostgresStore } = await import('../adapters/postgres/store.ts') // only who asks for it pays for loading it
  return openPostgresStore(database.url, { connections: databasePool })
}

/**
 * The same, but makes none: a new and empty one would hide that another was meant.
 *
 * @throws {ProblemError} `not_found`
 */
export async function openExistingStore(config: Pick<Config, 'database' | 'databasePool'>): Promise<Store> {
  if (await isThere(config)) return openStore(config)
  throw new ProblemError(
    'not_found',
    `There is no database at ${databaseName(config.database)}. If that is the right place, make it with: hufu migrate · 数据库不存在，可用 hufu migrate 创建`,
  )
}

async function isThere({ database }: Pick<Config, 'database'>): Promise<boolean> {
  // A log without its database is somebody's too: opening it says what is wrong.
  if (database.kind === 'sqlite') return hasContent(database.file) || hasContent(`${database.file}-wal`)
  const { hasPostgresSchema } = await import('../adapters/postgres/has-schema.ts')
  return hasPostgresSchema(database.url)
}

const hasContent = (file: string): boolean => existsSync(file) && statSync(file).size > 0

/** Only brings the schema up to date. Returns the names of the migrations that were applied. */
export async function migrateStore({ database }: Pick<Config, 'database'>): Promise<string[]> {
  if (database.kind === 'sqlite') {
    try {
      return migrateSqliteFile(database.file)
    } catch (cause) {
      return notOpened(database.file, cause)
    }
  }
  const { migratePostgresUrl } = await import('../adapters/postgres/store.ts')
  return migratePostgresUrl(database.url)
}

/** What the system or SQLite said of a file, with its name: they do not say it themselves. */
function notOpened(file: string, cause: unknown): never {
  if (cause instanceof ProblemError || !(cause instanceof Error)) throw cause
  throw new ProblemError('server_misconfigured', `The database ${file} does not open: ${cause.message}`, { cause })
}

/**
 * Puts a backup in the place of the database that the configuration names.
 *
 * @throws {ProblemError} as `restoreSqliteFile` does; `invalid_request` for PostgreSQL
 */
export function restoreStore(
  { database, mode, masterKeys }: Pick<Config, 'database' | 'mode' | 'masterKeys'>,
  source: string,
  { keepSessions, now }: { keepSessions: boolean; now: number },
): Restored {
  if (database.kind !== 'sqlite') {
    throw new ProblemError(
      'invalid_request',
      'Hufu restores only its embedded database. Restore PostgreSQL with pg_restore.',
    )
  }
  const keys = [masterKeys.current, ...(masterKeys.previous ? [masterKeys.previous] : [])]
  return restoreSqliteFile(database.file, source, { mode, keyChecks: keys.map(keyCheck), keepSessions, now })
}

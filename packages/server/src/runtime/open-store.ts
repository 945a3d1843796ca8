import { type Restored, restoreSqliteFile } from '../adapters/sqlite/restore.ts'
import { migrateSqliteFile, openSqliteStore } from '../adapters/sqlite/store.ts'
import { keyCheck } from '../adapters/vault.ts'
import type { Config } from '../config.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Store } from '../ports/store.ts'

/** Opens the database that the configuration names, brought up to this release's schema. */
export async function openStore({ database, databasePool }: Pick<Config, 'database' | 'databasePool'>): Promise<Store> {
  if (database.kind === 'sqlite') return openSqliteStore(database.file)
  const { openPostgresStore } = await import('../adapters/postgres/store.ts') // only who asks for it pays for loading it
  return openPostgresStore(database.url, { connections: databasePool })
}

/** Only brings the schema up to date. Returns the names of the migrations that were applied. */
export async function migrateStore({ database }: Pick<Config, 'database'>): Promise<string[]> {
  if (database.kind === 'sqlite') return migrateSqliteFile(database.file)
  const { migratePostgresUrl } = await import('../adapters/postgres/store.ts')
  return migratePostgresUrl(database.url)
}

/**
 * Puts a backup in the place of the database that the configuration names.
 *
 * @throws {ProblemError} as `restoreSqliteFile` does; `invalid_request` for PostgreSQL
 */
export function restoreStore(
  { database, mode, masterKeys }: Pick<Config, 'database' | 'mode' | 'masterKeys'>,
  source: string,
): Restored {
  if (database.kind !== 'sqlite') {
    throw new ProblemError(
      'invalid_request',
      'Hufu restores only its embedded database. Restore PostgreSQL with pg_restore.',
    )
  }
  const keys = [masterKeys.current, ...(masterKeys.previous ? [masterKeys.previous] : [])]
  return restoreSqliteFile(database.file, source, { mode, keyChecks: keys.map(keyCheck) })
}

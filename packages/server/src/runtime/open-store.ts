import { migrateSqliteFile, openSqliteStore } from '../adapters/sqlite/store.ts'
import type { Config } from '../config.ts'
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

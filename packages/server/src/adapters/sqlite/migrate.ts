import type { DatabaseSync } from 'node:sqlite'
import { ProblemError } from '../../domain/problem-error.ts'
import { type Migration, readMigrations } from '../migrations.ts'

/**
 * Brings a database up to this release's schema, each migration in one transaction together with its number: killed
 * anywhere, it stands before or after, and the next start goes on. Returns the names of those applied.
 *
 * @throws {ProblemError} `server_misconfigured` when the database is of a newer release.
 */
export function migrateSqlite(db: DatabaseSync, migrations: Migration[] = readMigrations('sqlite')): string[] {
  const at = (): number => Number(db.prepare('PRAGMA user_version').get()?.user_version)
  const newest = migrations.at(-1)?.number ?? 0
  if (at() > newest) {
    throw new ProblemError(
      'server_misconfigured',
      'This database was made by a newer Hufu. Upgrade Hufu, or restore a backup.',
    )
  }
  const applied: string[] = []
  for (const migration of migrations) {
    db.exec('BEGIN IMMEDIATE')
    try {
      if (at() < migration.number) {
        for (const statement of migration.statements) db.exec(statement)
        db.exec(`PRAGMA user_version = ${migration.number}`)
        applied.push(migration.name)
      }
      db.exec('COMMIT')
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      throw error
    }
  }
  return applied
}

import { DatabaseSync } from 'node:sqlite'
import { ProblemError } from '../../domain/problem-error.ts'

/** First release without the write-ahead-log fault (threat T39), and a later one that had a fault of its own. */
const OLDEST = [3, 51, 3] as const
const FAULTY = '3.52.0'

/** @throws {ProblemError} `server_misconfigured` when this SQLite may lose data. */
export function checkSqliteVersion(version: string = process.versions.sqlite ?? '0.0.0'): void {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  const old = major - OLDEST[0] || minor - OLDEST[1] || patch - OLDEST[2]
  if (old >= 0 && version !== FAULTY) return
  throw new ProblemError(
    'server_misconfigured',
    `SQLite ${version} can lose data; Hufu needs 3.51.3 or later (not 3.52.0). Use Node 24.15 or later.`,
  )
}

export type Synchronous = 'FULL' | 'OFF'

/**
 * Opens the one connection that writes. `OFF` is for tests that do not ask about durability.
 *
 * The cache holds what the write-ahead log holds; whatever else is read stands in the system's own cache. With a memory
 * map logins were no faster at a million users, and the process seemed to use as much memory as the file has.
 */
export function openWriter(file: string, synchronous: Synchronous): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: 5000 })
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${synchronous};
    PRAGMA foreign_keys = ON;
    PRAGMA secure_delete = FAST;
    PRAGMA cache_size = -16384;
    PRAGMA temp_store = MEMORY;
    PRAGMA wal_autocheckpoint = 4000;
    PRAGMA journal_size_limit = 67108864;
  `)
  const mode = db.prepare('PRAGMA synchronous').get()?.synchronous
  if (mode !== (synchronous === 'FULL' ? 2 : 0)) {
    throw new ProblemError('server_misconfigured', 'The database did not take the durability it was asked for.')
  }
  return db
}

export function openReader(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { readOnly: true, timeout: 5000 })
  db.exec('PRAGMA cache_size = -2048') // the upper pages of its indices; the rest stands in the system's own cache
  return db
}

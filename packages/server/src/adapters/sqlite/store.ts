import { dirname } from 'node:path'
import type { Store } from '../../ports/store.ts'
import { narrowFile, privateFile, privateFolder } from '../private-files.ts'
import { type SqlDriver, sqlStore } from '../sql/store.ts'
import { backUp } from './backup.ts'
import { checkSqliteVersion, openReader, openWriter, type Synchronous } from './database.ts'
import { bearsStamp, checkLog, keepStamps, newStamp, setStamp } from './file-stamp.ts'
import { holdFolder } from './lock.ts'
import { migrateSqlite } from './migrate.ts'
import { transactionRunner } from './run-transaction.ts'
import { openSearcher } from './searcher.ts'
import { sqliteError } from './trouble.ts'
import { startWriter } from './writer.ts'

/**
 * The embedded store: one file, one process, one writer on a thread of its own. Reads run on the main thread from a
 * connection that cannot write, and what operators search on another thread; the write-ahead log lets them pass the writer
 * without waiting.
 *
 * @throws {ProblemError} `server_misconfigured` when SQLite is too old, the folder is held by another process or
 *   open to others, the file does not fit its log, or it is of a newer release.
 */
export async function openSqliteStore(file: string, options: { synchronous?: Synchronous } = {}): Promise<Store> {
  const synchronous = options.synchronous ?? 'FULL'
  const held = holdFolderOf(file)
  try {
    migrateFile(file, synchronous)
    return sqlStore(await sqliteDriver(file, synchronous, held.release))
  } catch (error) {
    held.release()
    throw error
  }
}

/** Brings the file up to this release's schema. Returns the names of the migrations applied; throws as opening does. */
export function migrateSqliteFile(file: string): string[] {
  const held = holdFolderOf(file)
  try {
    return migrateFile(file, 'FULL')
  } finally {
    held.release()
  }
}

function holdFolderOf(file: string): { release(): void } {
  checkSqliteVersion()
  privateFolder(dirname(file))
  return holdFolder(dirname(file))
}

function migrateFile(file: string, synchronous: Synchronous): string[] {
  const stamp = newStamp()
  keepStamps(file, [...checkLog(file), stamp], synchronous)
  privateFile(file) // the log and its index take their modes from it
  for (const end of ['-wal', '-shm', '-journal']) narrowFile(file + end)
  const db = openWriter(file, synchronous)
  let applied: string[]
  try {
    applied = migrateSqlite(db)
    setStamp(db, stamp)
  } finally {
    db.close()
  }
  if (bearsStamp(file, stamp)) keepStamps(file, [stamp], synchronous)
  return applied
}

async function sqliteDriver(file: string, synchronous: Synchronous, release: () => void): Promise<SqlDriver> {
  const writer = await startWriter(file, synchronous)
  const reader = openReader(file)
  const run = transactionRunner(reader)
  const searcher = openSearcher(file)
  return {
    write: (address, input) => writer.run(address, input),
    async read({ transaction }, input) {
      try {
        reader.exec('BEGIN')
        return run(transaction.begin(input))
      } catch (error) {
        throw sqliteError(error)
      } finally {
        if (reader.isTransaction) reader.exec('COMMIT')
      }
    },
    search: (address, input) => searcher.run(address, input),
    backup: (target, options) => backUp(file, target, options),
    async close() {
      await searcher.close()
      await writer.close()
      reader.close()
      release()
    },
  }
}

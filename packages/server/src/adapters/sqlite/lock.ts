import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ProblemError } from '../../domain/problem-error.ts'
import { privateFile } from '../private-files.ts'

const PATIENCE_MS = 3000

/**
 * Holds the data folder for this process: an exclusive transaction of SQLite's own on `hufu.lock`. The system lets go of
 * it however the process ends, so nothing is ever left behind to clean up (threat T39).
 *
 * @throws {ProblemError} `server_misconfigured` when another process holds it for longer than 3 s.
 */
export function holdFolder(folder: string): { release(): void } {
  const file = join(folder, 'hufu.lock')
  privateFile(file) // whoever could open it could hold it
  const db = new DatabaseSync(file, { timeout: PATIENCE_MS })
  try {
    db.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
  } catch (cause) {
    db.close()
    throw new ProblemError(
      'server_misconfigured',
      'Another process holds this data folder. Stop it first, or give this one a HUFU_DATA_DIR of its own.',
      { cause: cause as Error },
    )
  }
  return { release: () => db.close() }
}

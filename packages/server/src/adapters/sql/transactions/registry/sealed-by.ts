import { optional, text } from '../../rows/columns.ts'
import { forUpdate, one, run, type Statements, sql } from '../../sql.ts'

/**
 * Whether the database is sealed with this master key, held so until the commit: whoever changes it moves the revision, and
 * waits here. What is sealed with another must not be written.
 *
 * @param check of the master key; undefined where nothing is sealed
 */
export function* isSealedBy(check: string | undefined): Statements<boolean> {
  if (check === undefined) return true
  yield* run(sql`SELECT value FROM settings WHERE name = 'revision' ${forUpdate()}`)
  const kept = optional(text, (yield* one(sql`SELECT value FROM settings WHERE name = 'key-check'`))?.value)
  return kept === undefined || kept === check
}

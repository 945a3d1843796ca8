import { run, type Statements, sql } from '../../sql.ts'

/** Counts the revision up, so that every process reads the setup again; part of whatever changes it. */
export function* incrementRevision(): Statements<void> {
  yield* run(sql`UPDATE settings SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE name = 'revision'`)
}

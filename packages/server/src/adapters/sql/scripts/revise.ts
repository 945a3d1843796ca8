import { rows, type Steps } from '../script.ts'

/** Moves the revision, so that every process reads the setup again; part of whatever changes it. */
export function* revise(): Steps<void> {
  yield* rows("UPDATE settings SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE name = 'revision'")
}

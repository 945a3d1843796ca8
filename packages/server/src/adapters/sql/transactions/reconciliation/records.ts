import type { UserId } from '../../../../domain/ids.ts'
import { text } from '../../rows/columns.ts'
import { ERASED, unificationRecord } from '../../rows/unification.ts'
import { all, run, type Statements, sql } from '../../sql.ts'

/*
 * What a unification wrote down about itself, for as long as it can be undone. It names openids, so it goes when either
 * user is deleted, and when it has served. A user's own unifications and those that came before them, of which the
 * survivor is a tombstone by now, made the user what it is.
 */

export function* eraseRecords(user: UserId): Statements<void> {
  yield* run(sql`
    UPDATE unifications SET detail = ${ERASED}
    WHERE survivor_id IN (SELECT id FROM users WHERE id = ${user} OR survivor_id = ${user})`)
}

/** What an operator decides about a user is about the whole of it; undoing must not take it back for a part. */
export function* markDecided(user: UserId): Statements<void> {
  const found = yield* all(sql`
    SELECT id, detail FROM unifications WHERE undone_at IS NULL
      AND survivor_id IN (SELECT id FROM users WHERE id = ${user} OR survivor_id = ${user})`)
  for (const one of found) {
    const record = unificationRecord(one)
    if (!record || record.decided) continue
    const detail = JSON.stringify({ ...record, decided: true })
    yield* run(sql`UPDATE unifications SET detail = ${detail} WHERE id = ${text(one.id)}`)
  }
}

export function* closeRecord(id: string, now: number): Statements<void> {
  yield* run(sql`UPDATE unifications SET undone_at = ${now}, detail = ${ERASED} WHERE id = ${id}`)
}

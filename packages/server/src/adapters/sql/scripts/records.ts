import type { UserId } from '../../../domain/ids.ts'
import type { UnificationRecord } from '../../../domain/unification.ts'
import { type Row, rows, type Steps, text } from '../script.ts'

/*
 * What a unification wrote down about itself, for as long as it can be undone. It names openids, so it goes when either
 * user is deleted, and when it has served.
 */

const ERASED = '{}'

export function readRecord({ detail }: Row): UnificationRecord | undefined {
  return detail === ERASED ? undefined : JSON.parse(text(detail))
}

/** All that made this user what it is: of its own unifications, and of those that came before it. */
const OF_USER = 'survivor_id = ? OR survivor_id IN (SELECT id FROM users WHERE survivor_id = ?)'

export function* eraseRecords(user: UserId): Steps<void> {
  yield* rows(`UPDATE unifications SET detail = '${ERASED}' WHERE ${OF_USER}`, user, user)
}

/** What an operator decides about a user is about the whole of it; undoing must not take it back for a part. */
export function* markDecided(user: UserId): Steps<void> {
  const found = yield* rows(`SELECT id, detail FROM unifications WHERE undone_at IS NULL AND (${OF_USER})`, user, user)
  for (const one of found) {
    const record = readRecord(one)
    if (!record || record.decided) continue
    const detail = JSON.stringify({ ...record, decided: true })
    yield* rows('UPDATE unifications SET detail = ? WHERE id = ?', detail, text(one.id))
  }
}

export function* closeRecord(id: string, now: number): Steps<void> {
  yield* rows(`UPDATE unifications SET undone_at = ?, detail = '${ERASED}' WHERE id = ?`, now, id)
}

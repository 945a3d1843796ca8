import type { Events } from '../../../../ports/events.ts'
import { outboxRow } from '../../rows/event.ts'
import { all, forUpdate, one, run, sql } from '../../sql.ts'
import { write } from '../../transaction.ts'

/** Takes the oldest undelivered rows; only one process at a time gets any, so that order is kept. */
export const claim = write<Events['claim']>(function* ({ now, lapse, limit }) {
  yield* run(sql`SELECT value FROM settings WHERE name = 'revision' ${forUpdate()}`)
  const busy = yield* one(sql`
    SELECT 1 AS yes FROM outbox WHERE delivered_at IS NULL AND claimed_at > ${now - lapse} LIMIT 1`)
  if (busy) return []
  const found = yield* all(sql`
    SELECT seq, at, kind, user_id, detail FROM outbox
    WHERE delivered_at IS NULL AND seq > 0 ORDER BY seq LIMIT ${limit}`)
  const claimed = found.map(outboxRow)
  for (const { seq } of claimed) yield* run(sql`UPDATE outbox SET claimed_at = ${now} WHERE seq = ${seq}`)
  return claimed
})

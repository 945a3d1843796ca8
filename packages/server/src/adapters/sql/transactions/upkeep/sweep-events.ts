import { AUDIT_EVENTS, type AuditKind, OUTBOX_EVENTS, retention } from '../../../../domain/events.ts'
import { number, optional } from '../../rows/columns.ts'
import { count, one, type Statements, spelledOut, sql } from '../../sql.ts'
import { cursor, moveCursor } from './cursor.ts'

const OUTBOX_LIFE = retention(Math.max(...Object.values(OUTBOX_EVENTS).map(({ days }) => days)))

const AUDIT_LIVES = [...Map.groupBy(Object.keys(AUDIT_EVENTS) as AuditKind[], (kind) => AUDIT_EVENTS[kind].days)].map(
  ([days, kinds]) => ({ life: retention(days), kinds: spelledOut(kinds) }),
)
const SHORTEST_LIFE = Math.min(...AUDIT_LIVES.map(({ life }) => life))

interface Slice {
  now: number
  limit: number
}

export function* sweepAudit({ now, limit }: Slice): Statements<number> {
  const from = Number(yield* cursor('audit_events'))
  const slice = yield* one(sql`
    SELECT MAX(seq) AS last, MIN(at) AS oldest
    FROM (SELECT seq, at FROM audit_events WHERE seq > ${from} ORDER BY seq LIMIT ${limit}) AS slice`)
  // Rows stand in the order of time: beyond the first one too young to go there is nothing to look for.
  const end = optional(number, slice?.last)
  const isThrough = end === undefined || number(slice?.oldest) > now - SHORTEST_LIFE
  const last = isThrough ? from : end
  yield* moveCursor('audit_events', isThrough ? '' : String(last))
  let swept = 0
  for (const { life, kinds } of AUDIT_LIVES) {
    swept += yield* count(sql`
      DELETE FROM audit_events WHERE seq > ${from} AND seq <= ${last} AND at <= ${now - life} AND kind IN (${kinds})
      RETURNING 1`)
  }
  return swept
}

/** Rows stand in the order of time here too: the old ones are at the front, and a look at them is enough. */
export function* sweepOutbox({ now, limit }: Slice): Statements<number> {
  return yield* count(sql`
    DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox ORDER BY seq LIMIT ${limit}) AND at <= ${now - OUTBOX_LIFE}
    RETURNING 1`)
}

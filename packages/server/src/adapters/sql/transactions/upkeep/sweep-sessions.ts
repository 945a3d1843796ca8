import { sessionIdsUntil } from '../../../../domain/ids.ts'
import type { Lifetimes } from '../../../../domain/session.ts'
import { DAY } from '../../../../domain/time.ts'
import type { SweepInput } from '../../../../ports/upkeep.ts'
import { number, optional, text } from '../../rows/columns.ts'
import { count, one, type Statements, sql } from '../../sql.ts'
import { type Cursors, moveCursor } from './cursor.ts'
import type { Part } from './part.ts'

/** A session_key unused for this long is forgotten: WeChat's own are said to live no longer. */
export const SESSION_KEY_LIFE = 3 * DAY
/**
 * Ended sessions stay at least this long, so that a replay of their tokens is still known for what it is; and as long as
 * the session_key that came with them, which is found through them.
 */
const ENDED_SESSION_LIFE = SESSION_KEY_LIFE
/** How often a session that is used for longer than the idle life is looked at before its absolute one is over. */
const LATER_LOOKS = 7

/**
 * Ids sort by time, so every session comes of a certain age in the order of the table. It is looked at when it does, at a
 * few ages in turn, and at no other time: what a sweep costs depends on how many sessions there were a certain time ago,
 * and not on how many there are.
 */
export function* sweepSessions(
  input: SweepInput,
  cursors: Cursors,
): Statements<{ sessions: Part; sessionKeys: number }> {
  const sessions: Part = { swept: 0, isThrough: true }
  let sessionKeys = 0
  let until: string | undefined
  for (const [look, age] of agesToLookAt(input.lifetimes).entries()) {
    const name = `sessions ${look}`
    const from = cursors.get(name) ?? ''
    const reached = sessionIdsUntil(input.now - age)
    // No look overtakes the one before it: the first one forgets the session_keys.
    const end = until !== undefined && until < reached ? until : reached
    const { last, isFull } = yield* nextSlice({ from, until: end }, input.limit)
    if (last !== undefined) {
      if (look === 0) sessionKeys = yield* forgetSessionKeys({ from, last }, input)
      sessions.swept += yield* removeSessions({ from, last }, input)
      yield* moveCursor(name, last)
    }
    if (isFull) sessions.isThrough = false
    until = isFull ? last : end
  }
  return { sessions, sessionKeys }
}

const agesToLookAt = ({ idle, absolute }: Lifetimes): number[] => [
  ENDED_SESSION_LIFE,
  ...Array.from({ length: LATER_LOOKS + 1 }, (_, look) => idle + ((absolute - idle) * look) / LATER_LOOKS),
]

function* nextSlice(
  { from, until }: { from: string; until: string },
  limit: number,
): Statements<{ last: string | undefined; isFull: boolean }> {
  const slice = yield* one(sql`
    SELECT MAX(id) AS last, COUNT(*) AS found
    FROM (SELECT id FROM sessions WHERE id > ${from} AND id <= ${until} ORDER BY id LIMIT ${limit}) AS slice`)
  return { last: optional(text, slice?.last), isFull: number(slice?.found) === limit }
}

interface Slice {
  from: string
  last: string
}

/** Of the people who logged in then and have not since. */
function* forgetSessionKeys({ from, last }: Slice, { now }: SweepInput): Statements<number> {
  return yield* count(sql`
    UPDATE identities SET session_key_sealed = NULL, session_key_at = NULL
    WHERE (app_id, openid) IN (SELECT app_id, openid FROM sessions WHERE id > ${from} AND id <= ${last})
      AND session_key_at <= ${now - SESSION_KEY_LIFE}
    RETURNING 1`)
}

function* removeSessions({ from, last }: Slice, { now, lifetimes }: SweepInput): Statements<number> {
  return yield* count(sql`
    DELETE FROM sessions WHERE id > ${from} AND id <= ${last}
      AND (last_used_at <= ${now - lifetimes.idle} OR created_at <= ${now - lifetimes.absolute}
        OR (ended IS NOT NULL AND last_used_at <= ${now - ENDED_SESSION_LIFE}))
    RETURNING 1`)
}

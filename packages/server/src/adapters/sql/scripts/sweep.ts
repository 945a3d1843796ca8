import { AUDIT_EVENTS, type AuditKind, OUTBOX_EVENTS, retention } from '../../../domain/events.ts'
import type { Lifetimes } from '../../../domain/session.ts'
import { DAY, MINUTE } from '../../../domain/time.ts'
import type { Swept } from '../../../ports/upkeep.ts'
import { changes, number, row, type Script, type Steps, text } from '../script.ts'

/** A session_key unused for this long is forgotten: WeChat's own are said to live no longer. */
const SESSION_KEY_LIFE = 3 * DAY
/** Ended sessions stay this long, so that a replay of their tokens is still known for what it is. */
const ENDED_SESSION_LIFE = DAY
/** WeChat forgets a code after five minutes; afterwards it answers "invalid" by itself. */
const CODE_LIFE = 10 * MINUTE
const OUTBOX_LIFE = retention(Math.max(...Object.values(OUTBOX_EVENTS).map(({ days }) => days)))

const KINDS_BY_LIFE = Map.groupBy(Object.keys(AUDIT_EVENTS) as AuditKind[], (kind) => AUDIT_EVENTS[kind].days)
const SHORTEST_LIFE = retention(Math.min(...KINDS_BY_LIFE.keys()))

type Asked = { now: number; lifetimes: Lifetimes; limit: number }

/** One bounded slice of the cleaning; a full slice says that there may be more. */
export const sweep: Script<Asked, Swept> = function* (asked) {
  return {
    sessions: yield* sweepSessions(asked),
    codes: yield* sweepCodes(asked),
    sessionKeys: yield* sweepSessionKeys(asked),
    events: yield* sweepEvents(asked),
  }
}

function* sweepSessions({ now, lifetimes, limit }: Asked): Steps<number> {
  // Ids sort by time: everything past its absolute life stands at the front of the table.
  const from = yield* cursor('sessions')
  const slice = yield* row(
    'SELECT MAX(id) AS last FROM (SELECT id FROM sessions WHERE id > ? ORDER BY id LIMIT ?) AS slice',
    from,
    limit,
  )
  const last = slice?.last
  yield* moveCursor('sessions', typeof last === 'string' ? last : '')
  if (typeof last !== 'string') return 0
  return yield* changes(
    `DELETE FROM sessions WHERE id > ? AND id <= ?
       AND (last_used_at <= ? OR created_at <= ? OR (ended IS NOT NULL AND last_used_at <= ?)) RETURNING 1`,
    from,
    last,
    now - lifetimes.idle,
    now - lifetimes.absolute,
    now - ENDED_SESSION_LIFE,
  )
}

function* sweepCodes({ now, limit }: Asked): Steps<number> {
  const codes = yield* changes(
    `DELETE FROM login_codes WHERE (app_id, code_hash) IN
       (SELECT app_id, code_hash FROM login_codes WHERE created_at <= ? ORDER BY created_at LIMIT ?) RETURNING 1`,
    now - CODE_LIFE,
    limit,
  )
  const assertions = yield* changes('DELETE FROM spent_assertions WHERE expires_at <= ? RETURNING 1', now - MINUTE)
  return codes + assertions
}

function* sweepSessionKeys({ now, limit }: Asked): Steps<number> {
  const from = yield* cursor('identities')
  const [appId = '', openid = ''] = from.split(' ')
  const slice = yield* row(
    `SELECT app_id, open_id FROM (
       SELECT app_id, open_id FROM identities WHERE (app_id, open_id) > (?, ?) ORDER BY app_id, open_id LIMIT ?
     ) AS slice ORDER BY app_id DESC, open_id DESC LIMIT 1`,
    appId,
    openid,
    limit,
  )
  yield* moveCursor('identities', slice ? `${text(slice.app_id)} ${text(slice.open_id)}` : '')
  if (!slice) return 0
  return yield* changes(
    `UPDATE identities SET session_key_sealed = NULL, session_key_at = NULL
     WHERE (app_id, open_id) > (?, ?) AND (app_id, open_id) <= (?, ?) AND session_key_at <= ? RETURNING 1`,
    appId,
    openid,
    text(slice.app_id),
    text(slice.open_id),
    now - SESSION_KEY_LIFE,
  )
}

function* sweepEvents({ now, limit }: Asked): Steps<number> {
  const from = Number(yield* cursor('audit_events'))
  const slice = yield* row(
    'SELECT MAX(seq) AS last, MIN(at) AS oldest FROM (SELECT seq, at FROM audit_events WHERE seq > ? ORDER BY seq LIMIT ?) AS slice',
    from,
    limit,
  )
  // Rows stand in the order of time: beyond the first one too young to go there is nothing to look for.
  const reached = typeof slice?.last !== 'number' || number(slice.oldest) > now - SHORTEST_LIFE
  const last = reached ? from : number(slice.last)
  yield* moveCursor('audit_events', reached ? '' : String(last))
  let swept = 0
  for (const [days, kinds] of KINDS_BY_LIFE) {
    swept += yield* changes(
      `DELETE FROM audit_events WHERE seq > ? AND seq <= ? AND at <= ?
         AND kind IN (${kinds.map(() => '?').join(', ')}) RETURNING 1`,
      from,
      last,
      now - retention(days),
      ...kinds,
    )
  }
  return swept + (yield* sweepOutbox(now, limit))
}

/** Rows stand in the order of time here too: the old ones are at the front, and a look at them is enough. */
function* sweepOutbox(now: number, limit: number): Steps<number> {
  return yield* changes(
    'DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox ORDER BY seq LIMIT ?) AND at <= ? RETURNING 1',
    limit,
    now - OUTBOX_LIFE,
  )
}

/** Where the last slice of a table ended; a whole table is walked over many calls. */
function* cursor(table: string): Steps<string> {
  const found = yield* row('SELECT value FROM settings WHERE name = ?', `sweep ${table}`)
  return found ? text(found.value) : ''
}

function* moveCursor(table: string, to: string): Steps<void> {
  yield* changes(
    `INSERT INTO settings (name, value) VALUES (?, ?)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value RETURNING 1`,
    `sweep ${table}`,
    to,
  )
}

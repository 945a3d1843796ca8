import { DAY, MINUTE } from '../../../../domain/time.ts'
import type { Upkeep } from '../../../../ports/upkeep.ts'
import { optional, text } from '../../rows/columns.ts'
import { identityNameRow } from '../../rows/identity.ts'
import { count, one, type Statements, sql } from '../../sql.ts'
import { write } from '../../transaction.ts'
import { cursor, moveCursor } from './cursor.ts'
import { sweepAudit, sweepOutbox } from './sweep-events.ts'

/** A session_key unused for this long is forgotten: WeChat's own are said to live no longer. */
const SESSION_KEY_LIFE = 3 * DAY
/** Ended sessions stay this long, so that a replay of their tokens is still known for what it is. */
const ENDED_SESSION_LIFE = DAY
/** WeChat forgets a code after five minutes; afterwards it answers "invalid" by itself. */
const CODE_LIFE = 10 * MINUTE

type Asked = Parameters<Upkeep['sweep']>[0]

/** One bounded slice of the cleaning; a full slice says that there may be more. */
export const sweep = write<Upkeep['sweep']>(function* (asked) {
  return {
    sessions: yield* sweepSessions(asked),
    codes: yield* sweepCodes(asked),
    sessionKeys: yield* sweepSessionKeys(asked),
    events: (yield* sweepAudit(asked)) + (yield* sweepOutbox(asked)),
  }
})

function* sweepSessions({ now, lifetimes, limit }: Asked): Statements<number> {
  // Ids sort by time: everything past its absolute life stands at the front of the table.
  const from = yield* cursor('sessions')
  const slice = yield* one(sql`
    SELECT MAX(id) AS last FROM (SELECT id FROM sessions WHERE id > ${from} ORDER BY id LIMIT ${limit}) AS slice`)
  const last = optional(text, slice?.last)
  yield* moveCursor('sessions', last ?? '')
  if (last === undefined) return 0
  return yield* count(sql`
    DELETE FROM sessions WHERE id > ${from} AND id <= ${last}
      AND (last_used_at <= ${now - lifetimes.idle} OR created_at <= ${now - lifetimes.absolute}
        OR (ended IS NOT NULL AND last_used_at <= ${now - ENDED_SESSION_LIFE}))
    RETURNING 1`)
}

function* sweepCodes({ now, limit }: Asked): Statements<number> {
  const codes = yield* count(sql`
    DELETE FROM login_codes WHERE (app_id, code_hash) IN
      (SELECT app_id, code_hash FROM login_codes WHERE created_at <= ${now - CODE_LIFE} ORDER BY created_at LIMIT ${limit})
    RETURNING 1`)
  const assertions = yield* count(sql`DELETE FROM spent_assertions WHERE expires_at <= ${now - MINUTE} RETURNING 1`)
  return codes + assertions
}

function* sweepSessionKeys({ now, limit }: Asked): Statements<number> {
  const [appId = '', openid = ''] = (yield* cursor('identities')).split(' ')
  const slice = yield* one(sql`
    SELECT app_id, openid FROM (
      SELECT app_id, openid FROM identities WHERE (app_id, openid) > (${appId}, ${openid})
      ORDER BY app_id, openid LIMIT ${limit}
    ) AS slice ORDER BY app_id DESC, openid DESC LIMIT 1`)
  const last = slice && identityNameRow(slice)
  yield* moveCursor('identities', last ? `${last.appId} ${last.openid}` : '')
  if (!last) return 0
  return yield* count(sql`
    UPDATE identities SET session_key_sealed = NULL, session_key_at = NULL
    WHERE (app_id, openid) > (${appId}, ${openid}) AND (app_id, openid) <= (${last.appId}, ${last.openid})
      AND session_key_at <= ${now - SESSION_KEY_LIFE}
    RETURNING 1`)
}

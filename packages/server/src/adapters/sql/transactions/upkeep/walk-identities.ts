import type { SweepInput } from '../../../../ports/upkeep.ts'
import { identityNameRow } from '../../rows/identity.ts'
import { count, one, type Statements, sql } from '../../sql.ts'
import { type Cursors, moveCursor } from './cursor.ts'
import { SESSION_KEY_LIFE } from './sweep-sessions.ts'

const CURSOR = 'identities'

/**
 * Goes through all identities, again and again and slowly, for session_keys whose sessions were removed before their time:
 * by an earlier release, or by hand.
 */
export function* walkIdentities({ now, limit }: SweepInput, cursors: Cursors): Statements<number> {
  const [appId = '', openid = ''] = (cursors.get(CURSOR) ?? '').split(' ')
  const slice = yield* one(sql`
    SELECT app_id, openid FROM (
      SELECT app_id, openid FROM identities WHERE (app_id, openid) > (${appId}, ${openid})
      ORDER BY app_id, openid LIMIT ${Math.ceil(limit / 4)}
    ) AS slice ORDER BY app_id DESC, openid DESC LIMIT 1`)
  const last = slice && identityNameRow(slice)
  if (last || appId !== '') yield* moveCursor(CURSOR, last ? `${last.appId} ${last.openid}` : '')
  if (!last) return 0
  return yield* count(sql`
    UPDATE identities SET session_key_sealed = NULL, session_key_at = NULL
    WHERE (app_id, openid) > (${appId}, ${openid}) AND (app_id, openid) <= (${last.appId}, ${last.openid})
      AND session_key_at <= ${now - SESSION_KEY_LIFE}
    RETURNING 1`)
}

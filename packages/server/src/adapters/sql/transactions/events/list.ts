import type { Events } from '../../../../ports/events.ts'
import { auditRow } from '../../rows/event.ts'
import { all, sql } from '../../sql.ts'
import { read } from '../../transaction.ts'

/** Newest first; `after` is the last `seq` of the page before. */
export const list = read<Events['list']>(function* ({ after, limit, kind, userId }) {
  const found = yield* all(sql`
    SELECT seq, at, kind, actor, user_id, app_id, session_id, outcome, request_id, detail FROM audit_events
    WHERE seq < ${after ?? Number.MAX_SAFE_INTEGER}
      AND (CAST(${kind} AS TEXT) IS NULL OR kind = ${kind})
      AND (CAST(${userId} AS TEXT) IS NULL OR user_id = ${userId})
    ORDER BY seq DESC LIMIT ${limit}`)
  return found.map(auditRow)
})

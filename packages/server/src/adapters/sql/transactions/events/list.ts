import type { Events } from '../../../../ports/events.ts'
import { auditRow } from '../../rows/event.ts'
import { all, fragment, sql } from '../../sql.ts'
import { search } from '../../transaction.ts'

const EVENT = fragment`seq, at, kind, actor, user_id, app_id, session_id, outcome, request_id, detail`

/** Newest first; `after` is the last `seq` of the page before. A statement for each way of asking, so that each has its index. */
export const list = search<Events['list']>(function* ({ after, limit, kind, userId }) {
  const before = after ?? Number.MAX_SAFE_INTEGER
  const found = yield* all(
    userId !== undefined
      ? sql`
          SELECT ${EVENT} FROM audit_events
          WHERE user_id = ${userId} AND seq < ${before} AND (CAST(${kind} AS TEXT) IS NULL OR kind = ${kind})
          ORDER BY seq DESC LIMIT ${limit}`
      : kind === 'login'
        ? // Most events are logins, so an index of them would cost every login and save nobody anything.
          sql`
            SELECT ${EVENT} FROM audit_events WHERE kind = 'login' AND seq < ${before} ORDER BY seq DESC LIMIT ${limit}`
        : kind !== undefined
          ? sql`
              SELECT ${EVENT} FROM audit_events WHERE kind = ${kind} AND kind <> 'login' AND seq < ${before}
              ORDER BY seq DESC LIMIT ${limit}`
          : sql`SELECT ${EVENT} FROM audit_events WHERE seq < ${before} ORDER BY seq DESC LIMIT ${limit}`,
  )
  return found.map(auditRow)
})

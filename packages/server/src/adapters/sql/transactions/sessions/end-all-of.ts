import type { UserId } from '../../../../domain/ids.ts'
import type { SessionEnd } from '../../../../domain/session.ts'
import { count, type Statements, sql } from '../../sql.ts'

/** Ends every live session of a user, as part of the transaction under way, and says how many. */
export function* endAllOf(user: UserId, reason: SessionEnd): Statements<number> {
  return yield* count(sql`UPDATE sessions SET ended = ${reason} WHERE user_id = ${user} AND ended IS NULL RETURNING 1`)
}

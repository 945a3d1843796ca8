import type { UserId } from '../../../../domain/ids.ts'
import { userId } from '../../rows/columns.ts'
import { userStatus } from '../../rows/user.ts'
import { forNoKeyUpdate, one, type Statements, sql } from '../../sql.ts'

/**
 * Holds the row of a living user until the commit and returns the user's id. A former id stands for its survivor, also
 * when the two became one a moment ago.
 */
export function* holdUser(id: UserId): Statements<UserId | undefined> {
  for (let asked = id; ; ) {
    const found = yield* one(sql`SELECT COALESCE(survivor_id, id) AS id FROM users WHERE id = ${asked}`)
    if (!found) return undefined
    asked = userId(found.id)
    const held = yield* one(sql`SELECT status FROM users WHERE id = ${asked} ${forNoKeyUpdate()}`)
    const status = held && userStatus(held.status)
    if (status === 'active' || status === 'blocked') return asked
    if (status !== 'unified') return undefined
  }
}

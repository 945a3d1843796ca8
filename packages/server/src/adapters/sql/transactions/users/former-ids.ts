import type { UserId } from '../../../../domain/ids.ts'
import { userId } from '../../rows/columns.ts'
import { all, type Statements, sql } from '../../sql.ts'

/** Ids that a user bore before unifications, oldest first. */
export function* formerIds(user: UserId): Statements<UserId[]> {
  const found = yield* all(sql`SELECT id FROM users WHERE survivor_id = ${user} ORDER BY created_at, id`)
  return found.map(({ id }) => userId(id))
}

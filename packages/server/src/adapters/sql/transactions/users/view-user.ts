import type { UserId } from '../../../../domain/ids.ts'
import type { Identity } from '../../../../domain/user.ts'
import type { UserView } from '../../../../ports/users.ts'
import { userId } from '../../rows/columns.ts'
import { identityRow } from '../../rows/identity.ts'
import { CANDIDATE, userRow } from '../../rows/user.ts'
import { all, one, type Row, type Statements, sql } from '../../sql.ts'
import { formerIds } from './former-ids.ts'

/** A user with every identity. */
export function* viewUser(id: UserId): Statements<UserView | undefined> {
  const found = yield* one(sql`SELECT ${CANDIDATE} FROM users u WHERE u.id = ${id}`)
  return found && { user: userRow(found, yield* formerIds(id)), identities: yield* identitiesOf(id) }
}

/** @param found rows that bear the ids of users, in the order to keep */
export function* viewUsers(found: Row[]): Statements<UserView[]> {
  const views: UserView[] = []
  for (const { id } of found) {
    const view = yield* viewUser(userId(id))
    if (view) views.push(view)
  }
  return views
}

function* identitiesOf(user: UserId): Statements<Identity[]> {
  const found = yield* all(sql`
    SELECT i.app_id, a.kind, i.openid, i.pinned, i.first_seen_at, i.last_seen_at
    FROM identities i JOIN apps a ON a.id = i.app_id WHERE i.user_id = ${user}
    ORDER BY i.first_seen_at, i.app_id, i.openid`)
  return found.map(identityRow)
}

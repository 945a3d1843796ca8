import type { UserId } from '../../../../domain/ids.ts'
import type { IdentityName, Side } from '../../../../domain/unification.ts'
import { optional, unionid } from '../../rows/columns.ts'
import { identityNameRow } from '../../rows/identity.ts'
import { userStatus } from '../../rows/user.ts'
import { all, one, type Statements, sql } from '../../sql.ts'
import { formerIds } from '../users/former-ids.ts'

/** A user as a unification writes it down. */
export function* sideOf(user: UserId): Statements<Side> {
  const found = yield* one(sql`SELECT status, unionid FROM users WHERE id = ${user}`)
  return {
    id: user,
    status: optional(userStatus, found?.status) === 'blocked' ? 'blocked' : 'active',
    unionid: optional(unionid, found?.unionid),
    identities: yield* identityNames(user),
    formerIds: yield* formerIds(user),
  }
}

function* identityNames(user: UserId): Statements<IdentityName[]> {
  const found = yield* all(sql`
    SELECT app_id, openid FROM identities WHERE user_id = ${user} ORDER BY app_id, openid`)
  return found.map(identityNameRow)
}

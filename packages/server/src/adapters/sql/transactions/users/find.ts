import type { Users } from '../../../../ports/users.ts'
import { userId } from '../../rows/columns.ts'
import { all, one, sql } from '../../sql.ts'
import { read, search } from '../../transaction.ts'
import { viewUser, viewUsers } from './view-user.ts'

/** The user of an id, through the tombstone when there is one. */
export const find = read<Users['find']>(function* (id) {
  const found = yield* one(sql`SELECT COALESCE(survivor_id, id) AS id FROM users WHERE id = ${id}`)
  return found && (yield* viewUser(userId(found.id)))
})

export const findByIdentity = search<Users['findByIdentity']>(function* ({ appId, openid }) {
  const found = yield* one(sql`SELECT user_id FROM identities WHERE app_id = ${appId} AND openid = ${openid}`)
  return found && (yield* viewUser(userId(found.user_id)))
})

/** Realm by realm, since the index begins with it; SQLite keeps to the order of a CROSS JOIN. */
export const findByUnionid = search<Users['findByUnionid']>(function* (unionid) {
  return yield* viewUsers(
    yield* all(sql`
      SELECT u.id FROM realms r CROSS JOIN users u WHERE u.realm_id = r.id AND u.unionid = ${unionid} ORDER BY u.id`),
  )
})

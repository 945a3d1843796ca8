import type { Users } from '../../../../ports/users.ts'
import { number } from '../../rows/columns.ts'
import { all, one, sql } from '../../sql.ts'
import { read } from '../../transaction.ts'
import { viewUsers } from './view-user.ts'

export const list = read<Users['list']>(function* ({ after = '', limit }) {
  return yield* viewUsers(
    yield* all(sql`
      SELECT id FROM users WHERE id > ${after} AND status IN ('active', 'blocked') ORDER BY id LIMIT ${limit}`),
  )
})

export const count = read<Users['count']>(function* (realmId) {
  const found = yield* one(sql`
    SELECT COUNT(*) AS n FROM users WHERE realm_id = ${realmId} AND status IN ('active', 'blocked')`)
  return number(found?.n)
})

import type { Users } from '../../../../ports/users.ts'
import { all, sql } from '../../sql.ts'
import { search } from '../../transaction.ts'
import { viewUsers } from './view-user.ts'

export const list = search<Users['list']>(function* ({ after = '', limit }) {
  return yield* viewUsers(
    yield* all(sql`
      SELECT id FROM users WHERE id > ${after} AND status IN ('active', 'blocked') ORDER BY id LIMIT ${limit}`),
  )
})

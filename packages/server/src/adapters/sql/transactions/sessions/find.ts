import type { Sessions } from '../../../../ports/sessions.ts'
import { SESSION, sessionRow } from '../../rows/session.ts'
import { OWNER, ownerRow } from '../../rows/user.ts'
import { all, one, sql } from '../../sql.ts'
import { read } from '../../transaction.ts'

export const find = read<Sessions['find']>(function* (id) {
  const found = yield* one(sql`
    SELECT ${SESSION}, ${OWNER} FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ${id}`)
  return found && { session: sessionRow(found), user: ownerRow(found) }
})

export const listOf = read<Sessions['listOf']>(function* ({ userId, now, lifetimes }) {
  const found = yield* all(sql`
    SELECT ${SESSION} FROM sessions s
    WHERE s.user_id = ${userId} AND s.ended IS NULL
      AND s.last_used_at > ${now - lifetimes.idle} AND s.created_at > ${now - lifetimes.absolute}
    ORDER BY s.id DESC`)
  return found.map(sessionRow)
})

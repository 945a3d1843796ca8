import type { SessionId, UserId } from '../../../../domain/ids.ts'
import type { Session } from '../../../../domain/session.ts'
import type { SessionOwner } from '../../../../ports/sessions.ts'
import { SESSION, sessionRow } from '../../rows/session.ts'
import { OWNER, ownerRow } from '../../rows/user.ts'
import { one, type Statements, sql } from '../../sql.ts'

export function* sessionById(id: SessionId): Statements<Session | undefined> {
  const found = yield* one(sql`SELECT ${SESSION} FROM sessions s WHERE s.id = ${id}`)
  return found && sessionRow(found)
}

export function* ownerById(user: UserId): Statements<SessionOwner | undefined> {
  const found = yield* one(sql`SELECT ${OWNER} FROM users u WHERE u.id = ${user}`)
  return found && ownerRow(found)
}

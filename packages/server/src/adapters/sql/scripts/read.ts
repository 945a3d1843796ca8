import type { AppId, OpenId, UnionId } from '@hufu/wechat/words'
import type { SessionId, UserId } from '../../../domain/ids.ts'
import type { Session, SessionEnd } from '../../../domain/session.ts'
import type { UserStatus } from '../../../domain/user.ts'
import type { SessionOwner } from '../../../ports/sessions.ts'
import { bytes, number, optional, type Row, row, rows, type Steps, text } from '../script.ts'

export const SESSION_COLUMNS = `s.id, s.user_id, s.app_id, s.open_id, s.created_at, s.last_used_at, s.generation, s.key_number,
  s.salt, s.previous_key_number, s.previous_salt, s.rotated_at, s.ended`

export function toSession(found: Row): Session {
  const generation = number(found.generation)
  const previousSalt = optional(bytes, found.previous_salt)
  return {
    id: text(found.id) as SessionId,
    userId: text(found.user_id) as UserId,
    appId: text(found.app_id) as AppId,
    openid: text(found.open_id) as OpenId,
    createdAt: number(found.created_at),
    lastUsedAt: number(found.last_used_at),
    current: { generation, keyNumber: number(found.key_number), salt: bytes(found.salt) },
    previous: previousSalt && {
      generation: generation - 1,
      keyNumber: number(found.previous_key_number),
      salt: previousSalt,
    },
    rotatedAt: number(found.rotated_at),
    ended: optional(text, found.ended) as SessionEnd | undefined,
  }
}

export function* formerIds(user: UserId): Steps<UserId[]> {
  const found = yield* rows('SELECT id FROM users WHERE survivor_id = ? ORDER BY created_at, id', user)
  return found.map((former) => text(former.id) as UserId)
}

/** A session's owner `u`, as one statement tells it together with whatever else it is asked. */
export const OWNER_COLUMNS = `u.id AS owner_id, u.status, u.union_id,
  (SELECT string_agg(f.id, ' ' ORDER BY f.created_at, f.id) FROM users f WHERE f.survivor_id = u.id) AS former_ids`

export const toOwner = (found: Row): SessionOwner => ({
  id: text(found.owner_id) as UserId,
  status: text(found.status) as UserStatus,
  formerIds: (optional(text, found.former_ids)?.split(' ') ?? []) as UserId[],
  unionid: optional(text, found.union_id) as UnionId | undefined,
})

export function* owner(user: UserId): Steps<SessionOwner | undefined> {
  const found = yield* row(`SELECT ${OWNER_COLUMNS} FROM users u WHERE u.id = ?`, user)
  return found && toOwner(found)
}

export function* sessionById(id: SessionId): Steps<Session | undefined> {
  const found = yield* row(`SELECT ${SESSION_COLUMNS} FROM sessions s WHERE s.id = ?`, id)
  return found && toSession(found)
}

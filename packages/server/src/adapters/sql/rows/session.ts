import type { Session, SessionEnd } from '../../../domain/session.ts'
import { fragment, type Row } from '../sql.ts'
import { appId, bytes, number, oneOf, openid, optional, sessionId, userId } from './columns.ts'

export const SESSION = fragment`s.id, s.user_id, s.app_id, s.openid, s.created_at, s.last_used_at, s.generation,
  s.key_number, s.salt, s.previous_key_number, s.previous_salt, s.rotated_at, s.ended`

const sessionEnd = oneOf<SessionEnd>('reason why a session ended', {
  logout: true,
  reused: true,
  late_retry: true,
  crowded_out: true,
  operator: true,
  blocked: true,
  deleted: true,
  expired: true,
})

export function sessionRow(found: Row): Session {
  const generation = number(found.generation)
  const previousSalt = optional(bytes, found.previous_salt)
  return {
    id: sessionId(found.id),
    userId: userId(found.user_id),
    appId: appId(found.app_id),
    openid: openid(found.openid),
    createdAt: number(found.created_at),
    lastUsedAt: number(found.last_used_at),
    current: { generation, keyNumber: number(found.key_number), salt: bytes(found.salt) },
    previous: previousSalt && {
      generation: generation - 1,
      keyNumber: number(found.previous_key_number),
      salt: previousSalt,
    },
    rotatedAt: number(found.rotated_at),
    ended: optional(sessionEnd, found.ended),
  }
}

import type { ConflictEntry } from '../../../ports/reconciliation.ts'
import { fragment, type Row } from '../sql.ts'
import { appId, number, oneOf, openid, optional, text, unionid, userId } from './columns.ts'

export const CONFLICT = fragment`id, app_id, openid, unionid, user_id, holder_id, count, first_seen_at, last_seen_at,
  decision, decided_at`

const conflictDecision = oneOf<'keep' | 'accept'>('decision about a conflict', { keep: true, accept: true })

export const conflictRow = (found: Row): ConflictEntry => ({
  id: text(found.id),
  appId: appId(found.app_id),
  openid: openid(found.openid),
  unionid: unionid(found.unionid),
  userId: userId(found.user_id),
  holderId: optional(userId, found.holder_id),
  count: number(found.count),
  firstSeenAt: number(found.first_seen_at),
  lastSeenAt: number(found.last_seen_at),
  decision: optional(conflictDecision, found.decision),
  decidedAt: optional(number, found.decided_at),
})

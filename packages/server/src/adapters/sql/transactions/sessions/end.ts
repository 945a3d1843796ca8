import type { Sessions } from '../../../../ports/sessions.ts'
import { count, sql } from '../../sql.ts'
import { write } from '../../transaction.ts'
import { audit } from '../events/write-events.ts'
import { holdUser } from '../users/hold-user.ts'
import { endAllOf } from './end-all-of.ts'

export const end = write<Sessions['end']>(function* ({ act, sessionId, reason, ...asked }) {
  const userId = yield* holdUser(asked.userId)
  if (!userId) return false
  const ended = yield* count(sql`
    UPDATE sessions SET ended = ${reason} WHERE id = ${sessionId} AND user_id = ${userId} AND ended IS NULL RETURNING 1`)
  if (ended === 0) return false
  yield* audit(act, { kind: 'session_ended', outcome: 'ok', userId, sessionId, detail: { reason, count: 1 } })
  return true
})

export const endAll = write<Sessions['endAll']>(function* ({ act, reason, ...asked }) {
  const userId = yield* holdUser(asked.userId)
  if (!userId) return 0
  const ended = yield* endAllOf(userId, reason)
  yield* audit(act, { kind: 'session_ended', outcome: 'ok', userId, detail: { reason, count: ended } })
  return ended
})

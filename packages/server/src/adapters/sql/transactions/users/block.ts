import type { Users } from '../../../../ports/users.ts'
import { run, sql } from '../../sql.ts'
import { write } from '../../transaction.ts'
import { audit, writeOutboxEvent } from '../events/write-events.ts'
import { markDecided } from '../reconciliation/records.ts'
import { endAllOf } from '../sessions/end-all-of.ts'
import { holdUser } from './hold-user.ts'

export const block = write<Users['block']>(function* ({ act, userId: id }) {
  const userId = yield* holdUser(id)
  if (!userId) return false
  yield* run(sql`UPDATE users SET status = 'blocked' WHERE id = ${userId}`)
  yield* markDecided(userId)
  yield* endAllOf(userId, 'blocked')
  yield* audit(act, { kind: 'user_blocked', outcome: 'ok', userId })
  yield* writeOutboxEvent(act, 'user.blocked', userId)
  return true
})

export const unblock = write<Users['unblock']>(function* ({ act, userId: id }) {
  const userId = yield* holdUser(id)
  if (!userId) return false
  yield* run(sql`UPDATE users SET status = 'active' WHERE id = ${userId}`)
  yield* markDecided(userId)
  yield* audit(act, { kind: 'user_unblocked', outcome: 'ok', userId })
  yield* writeOutboxEvent(act, 'user.unblocked', userId)
  return true
})

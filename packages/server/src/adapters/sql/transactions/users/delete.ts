import type { Users } from '../../../../ports/users.ts'
import { run, sql } from '../../sql.ts'
import { write } from '../../transaction.ts'
import { audit, writeOutboxEvent } from '../events/write-events.ts'
import { eraseRecords } from '../reconciliation/records.ts'
import { LIVE_AND_PAST } from '../sessions/live-and-past.ts'
import { holdUser } from './hold-user.ts'

/** Detaches and forgets: what is left of a deleted user is an id that nobody gets again. */
const deleteUser = write<Users['delete']>(function* ({ act, userId: id }) {
  const userId = yield* holdUser(id)
  if (!userId) return false
  yield* run(sql`UPDATE users SET status = 'deleted', unionid = NULL WHERE id = ${userId}`)
  yield* run(sql`DELETE FROM identities WHERE user_id = ${userId}`)
  for (const half of LIVE_AND_PAST) {
    yield* run(sql`
      DELETE FROM login_codes WHERE (created_at, session_id) IN
        (SELECT created_at, id FROM sessions WHERE user_id = ${userId} AND ${half})`)
    yield* run(sql`DELETE FROM sessions WHERE user_id = ${userId} AND ${half}`)
  }
  yield* run(sql`UPDATE conflicts SET holder_id = NULL WHERE holder_id = ${userId}`)
  yield* run(sql`DELETE FROM conflicts WHERE user_id = ${userId}`)
  yield* eraseRecords(userId)
  yield* audit(act, { kind: 'user_deleted', outcome: 'ok', userId })
  yield* writeOutboxEvent(act, 'user.deleted', userId)
  return true
})

export { deleteUser as delete }

import type { Act } from '../../../../domain/act.ts'
import { elderFirst } from '../../../../domain/whose-user.ts'
import type { ConflictEntry, Reconciliation } from '../../../../ports/reconciliation.ts'
import { CONFLICT, conflictRow } from '../../rows/conflict.ts'
import { CANDIDATE, candidateRow } from '../../rows/user.ts'
import { count, forNoKeyUpdate, one, run, type Statements, sql } from '../../sql.ts'
import { write } from '../../transaction.ts'
import { audit } from '../events/write-events.ts'
import { unify } from './unify.ts'

export const resolveConflict = write<Reconciliation['resolveConflict']>(function* ({ act, id, decision }) {
  const found = yield* one(sql`SELECT ${CONFLICT} FROM conflicts WHERE id = ${id}`)
  if (!found) return 'unknown'
  const conflict = conflictRow(found)
  // The conflict's own row comes last, after its user's: a login that sees the conflict again holds them in this order.
  if (decision === 'accept' && !(yield* accept(act, conflict))) return 'user_gone'
  const decided = yield* count(sql`
    UPDATE conflicts SET decision = ${decision}, decided_at = ${act.now} WHERE id = ${id} RETURNING 1`)
  if (decided === 0) return 'unknown'
  const { userId, appId } = conflict
  yield* audit(act, { kind: 'conflict_resolved', outcome: 'ok', userId, appId, detail: { conflict: id, decision } })
  return 'resolved'
})

/** The identity's user takes the unionid that WeChat now says; where another user holds it, the two become one. */
function* accept(act: Act, { appId, openid, unionid }: ConflictEntry): Statements<boolean> {
  const identity = yield* one(sql`
    SELECT ${CANDIDATE} FROM identities i JOIN users u ON u.id = i.user_id
    WHERE i.app_id = ${appId} AND i.openid = ${openid} ${forNoKeyUpdate('u', 'i')}`)
  if (!identity) return false
  const user = candidateRow(identity)
  const { realmId } = user
  yield* run(sql`UPDATE identities SET pinned = 0 WHERE user_id = ${user.id}`)
  const found = yield* one(sql`
    SELECT ${CANDIDATE} FROM users u WHERE u.realm_id = ${realmId} AND u.unionid = ${unionid} ${forNoKeyUpdate()}`)
  const holder = found && candidateRow(found)
  if (!holder) yield* run(sql`UPDATE users SET unionid = ${unionid} WHERE id = ${user.id}`)
  else if (holder.id !== user.id) yield* unify(act, { realmId, unionid, ...elderFirst(user, holder) })
  return true
}

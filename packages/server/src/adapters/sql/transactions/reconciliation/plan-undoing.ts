import type { RealmId } from '../../../../domain/ids.ts'
import { type IdentityName, planUndo, type Side, type UndoPlan } from '../../../../domain/unification.ts'
import type { NotUndoable } from '../../../../ports/reconciliation.ts'
import { number, realmId, text, userId } from '../../rows/columns.ts'
import { identityNameRow } from '../../rows/identity.ts'
import { unificationRecord } from '../../rows/unification.ts'
import { userStatus } from '../../rows/user.ts'
import { all, forNoKeyUpdate, one, run, type Statements, sql } from '../../sql.ts'
import { sideOf } from './side-of.ts'

/** What undoing a unification would make of the two users. */
export function* planUndoing(id: string): Statements<UndoPlan | NotUndoable> {
  // Both users first, the tombstone before the survivor as everybody who follows it does; then what may have changed.
  const pair = yield* one(sql`SELECT survivor_id, absorbed_id FROM unifications WHERE id = ${id}`)
  if (!pair) return { not: 'unknown' }
  const survivor = userId(pair.survivor_id)
  yield* run(sql`SELECT 1 FROM users WHERE id = ${userId(pair.absorbed_id)} ${forNoKeyUpdate()}`)
  const held = yield* one(sql`SELECT status FROM users WHERE id = ${survivor} ${forNoKeyUpdate()}`)
  const found = yield* one(sql`SELECT realm_id, detail, created_at, undone_at FROM unifications WHERE id = ${id}`)
  if (!found) return { not: 'unknown' }
  if (found.undone_at !== null) return { not: 'undone' }
  const record = unificationRecord(found)
  if (!record || (held && userStatus(held.status) === 'deleted')) return { not: 'user_gone' }
  const later = yield* one(sql`
    SELECT id FROM unifications
    WHERE (survivor_id = ${survivor} OR absorbed_id = ${survivor}) AND undone_at IS NULL
      AND created_at > ${number(found.created_at)}
    ORDER BY created_at DESC LIMIT 1`)
  if (later) return { not: 'later_first', later: text(later.id) }
  const today = yield* sideOf(survivor)
  const plan = planUndo(record, { ...today, accepted: yield* acceptedFor(today) })
  const realm = realmId(found.realm_id)
  return {
    ...plan,
    survivor: yield* keepFree(plan.survivor, realm, plan),
    absorbed: yield* keepFree(plan.absorbed, realm, plan),
  }
}

function* acceptedFor({ id, unionid }: Side): Statements<IdentityName[]> {
  const found = yield* all(sql`
    SELECT app_id, openid FROM conflicts WHERE user_id = ${id} AND unionid = ${unionid} AND decision = 'accept'`)
  return found.map(identityNameRow)
}

/** A unionid that somebody else has come to hold in the meantime stays with them. */
function* keepFree(side: Side, realm: RealmId, plan: UndoPlan): Statements<Side> {
  if (!side.unionid) return side
  const holder = yield* one(sql`SELECT id FROM users WHERE realm_id = ${realm} AND unionid = ${side.unionid}`)
  const elsewhere = holder && holder.id !== plan.survivor.id && holder.id !== plan.absorbed.id
  return elsewhere ? { ...side, unionid: undefined } : side
}

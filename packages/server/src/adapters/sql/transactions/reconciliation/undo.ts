import type { Side } from '../../../../domain/unification.ts'
import type { Reconciliation } from '../../../../ports/reconciliation.ts'
import { run, type Statements, sql } from '../../sql.ts'
import { search, write } from '../../transaction.ts'
import { audit, writeOutboxEvent } from '../events/write-events.ts'
import { endAllOf } from '../sessions/end-all-of.ts'
import { LIVE_AND_PAST } from '../sessions/live-and-past.ts'
import { planUndoing } from './plan-undoing.ts'
import { closeRecord } from './records.ts'

export const previewUndo = search<Reconciliation['previewUndo']>(planUndoing)

export const undo = write<Reconciliation['undo']>(function* ({ act, id }) {
  const plan = yield* planUndoing(id)
  if ('not' in plan) return plan
  const { survivor, absorbed } = plan
  yield* run(sql`UPDATE users SET unionid = NULL WHERE id = ${survivor.id}`)
  yield* restore(absorbed)
  yield* restore(survivor)
  yield* giveBack(absorbed, survivor)
  for (const { appId, openid } of plan.pinned) {
    yield* run(sql`UPDATE identities SET pinned = 1 WHERE app_id = ${appId} AND openid = ${openid}`)
  }
  for (const side of [survivor, absorbed]) if (side.status === 'blocked') yield* endAllOf(side.id, 'blocked')
  yield* closeRecord(id, act.now)
  const detail = { restored: absorbed.id }
  const audited = { ...detail, unification: id }
  yield* audit(act, { kind: 'unification_undone', outcome: 'ok', userId: survivor.id, detail: audited })
  yield* writeOutboxEvent(act, 'user.split', survivor.id, detail)
  return plan
})

function* restore({ id, status, unionid }: Side): Statements<void> {
  yield* run(sql`UPDATE users SET status = ${status}, survivor_id = NULL, unionid = ${unionid} WHERE id = ${id}`)
}

/** Identities, with their sessions and conflicts, and former ids. */
function* giveBack(to: Side, from: Side): Statements<void> {
  for (const { appId, openid } of to.identities) {
    yield* run(sql`UPDATE identities SET user_id = ${to.id} WHERE app_id = ${appId} AND openid = ${openid}`)
    for (const half of LIVE_AND_PAST) {
      yield* run(sql`
        UPDATE sessions SET user_id = ${to.id}
        WHERE user_id = ${from.id} AND app_id = ${appId} AND openid = ${openid} AND ${half}`)
    }
    yield* run(sql`UPDATE conflicts SET user_id = ${to.id} WHERE app_id = ${appId} AND openid = ${openid}`)
  }
  for (const former of to.formerIds) yield* run(sql`UPDATE users SET survivor_id = ${to.id} WHERE id = ${former}`)
}

import type { UnionId } from '@hufu/wechat/words'
import type { Act } from '../../../domain/act.ts'
import type { RealmId, UserId } from '../../../domain/ids.ts'
import { type IdentityName, planUndo, type Side, type UndoPlan } from '../../../domain/unification.ts'
import type { NotUndoable, Page, UnificationEntry } from '../../../ports/reconciliation.ts'
import { number, optional, row, rows, type Script, type Steps, text } from '../script.ts'
import { announce, audit } from './audit.ts'
import { closeRecord, readRecord } from './records.ts'
import { endAllOf } from './sessions.ts'
import { sideOf, toIdentityName } from './unify.ts'

export const listUnifications: Script<Page, UnificationEntry[]> = function* ({ after, limit }) {
  const found = yield* rows(
    `SELECT id, realm_id, survivor_id, absorbed_id, created_at, undone_at FROM unifications
     WHERE CAST(? AS TEXT) IS NULL OR (created_at, id) < (SELECT created_at, id FROM unifications WHERE id = ?)
     ORDER BY created_at DESC, id DESC LIMIT ?`,
    after ?? null,
    after ?? null,
    limit,
  )
  return found.map((one) => ({
    id: text(one.id),
    realmId: text(one.realm_id) as RealmId,
    survivorId: text(one.survivor_id) as UserId,
    absorbedId: text(one.absorbed_id) as UserId,
    createdAt: number(one.created_at),
    undoneAt: optional(number, one.undone_at),
  }))
}

/** What undoing would make of the two users; changes nothing. */
export const previewUndo: Script<string, UndoPlan | NotUndoable> = function* (id) {
  // Both users first, the tombstone before the survivor as everybody who follows it does; then what may have changed.
  const pair = yield* row('SELECT survivor_id, absorbed_id FROM unifications WHERE id = ?', id)
  if (!pair) return { not: 'unknown' }
  const survivor = text(pair.survivor_id) as UserId
  yield* rows('SELECT 1 FROM users WHERE id = ? FOR NO KEY UPDATE', text(pair.absorbed_id))
  const held = yield* row('SELECT status FROM users WHERE id = ? FOR NO KEY UPDATE', survivor)
  const found = yield* row('SELECT realm_id, detail, created_at, undone_at FROM unifications WHERE id = ?', id)
  if (!found) return { not: 'unknown' }
  if (found.undone_at !== null) return { not: 'undone' }
  const record = readRecord(found)
  if (!record || held?.status === 'deleted') return { not: 'user_gone' }
  const later = yield* row(
    `SELECT id FROM unifications WHERE (survivor_id = ? OR absorbed_id = ?) AND undone_at IS NULL AND created_at > ?
     ORDER BY created_at DESC LIMIT 1`,
    survivor,
    survivor,
    number(found.created_at),
  )
  if (later) return { not: 'later_first', later: text(later.id) }
  const today = yield* sideOf(survivor)
  const plan = planUndo(record, { ...today, accepted: yield* acceptedFor(today) })
  const realm = text(found.realm_id) as RealmId
  return {
    ...plan,
    survivor: yield* keepFree(plan.survivor, realm, plan),
    absorbed: yield* keepFree(plan.absorbed, realm, plan),
  }
}

function* acceptedFor({ id, unionid }: Side): Steps<IdentityName[]> {
  const found = yield* rows(
    "SELECT app_id, open_id FROM conflicts WHERE user_id = ? AND union_id = ? AND decision = 'accept'",
    id,
    unionid ?? null,
  )
  return found.map(toIdentityName)
}

/** A unionid that somebody else has come to hold in the meantime stays with them. */
function* keepFree(side: Side, realm: RealmId, plan: UndoPlan): Steps<Side> {
  if (!side.unionid) return side
  const holder = yield* row('SELECT id FROM users WHERE realm_id = ? AND union_id = ?', realm, side.unionid)
  const elsewhere = holder && holder.id !== plan.survivor.id && holder.id !== plan.absorbed.id
  return elsewhere ? { ...side, unionid: undefined } : side
}

export const undo: Script<{ act: Act; id: string }, UndoPlan | NotUndoable> = function* ({ act, id }) {
  const plan = yield* previewUndo(id)
  if ('not' in plan) return plan
  const { survivor, absorbed } = plan
  yield* rows('UPDATE users SET union_id = NULL WHERE id = ?', survivor.id)
  yield* restore(absorbed)
  yield* restore(survivor)
  for (const { appId, openid } of absorbed.identities) {
    yield* rows('UPDATE identities SET user_id = ? WHERE app_id = ? AND open_id = ?', absorbed.id, appId, openid)
    yield* rows(
      'UPDATE sessions SET user_id = ? WHERE user_id = ? AND app_id = ? AND open_id = ?',
      absorbed.id,
      survivor.id,
      appId,
      openid,
    )
    yield* rows('UPDATE conflicts SET user_id = ? WHERE app_id = ? AND open_id = ?', absorbed.id, appId, openid)
  }
  for (const { appId, openid } of plan.pinned) {
    yield* rows('UPDATE identities SET pinned = 1 WHERE app_id = ? AND open_id = ?', appId, openid)
  }
  for (const former of absorbed.formerIds)
    yield* rows('UPDATE users SET survivor_id = ? WHERE id = ?', absorbed.id, former)
  for (const side of [survivor, absorbed]) if (side.status === 'blocked') yield* endAllOf(side.id, 'blocked')
  yield* closeRecord(id, act.now)
  const detail = { restored: absorbed.id }
  yield* audit(act, {
    kind: 'unification_undone',
    outcome: 'ok',
    userId: survivor.id,
    detail: { ...detail, unification: id },
  })
  yield* announce(act, 'user.split', survivor.id, detail)
  return plan
}

function* restore({ id, status, unionid }: Side): Steps<void> {
  const held: UnionId | null = unionid ?? null
  yield* rows('UPDATE users SET status = ?, survivor_id = NULL, union_id = ? WHERE id = ?', status, held, id)
}

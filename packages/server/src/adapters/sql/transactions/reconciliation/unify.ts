import type { UnionId } from '@hufu/wechat/words'
import type { Act } from '../../../../domain/act.ts'
import type { RealmId, UserId } from '../../../../domain/ids.ts'
import { type Side, type UnificationRecord, unifiedStatus } from '../../../../domain/unification.ts'
import { number, optional } from '../../rows/columns.ts'
import { one, run, type Statements, sql } from '../../sql.ts'
import { audit, writeOutboxEvent } from '../events/write-events.ts'
import { endAllOf } from '../sessions/end-all-of.ts'
import { LIVE_AND_PAST } from '../sessions/live-and-past.ts'
import { sideOf } from './side-of.ts'

interface Unification {
  realmId: RealmId
  survivorId: UserId
  absorbedId: UserId
  unionid: UnionId
}

/**
 * Makes two users one, as part of the transaction under way, which holds both: the absorbed becomes a tombstone, its
 * identities, sessions and earlier tombstones follow, and a record says how it was.
 */
export function* unify(
  act: Act,
  { realmId, unionid, survivorId, absorbedId }: Unification,
): Statements<{ status: Side['status'] }> {
  const sides = { survivor: yield* sideOf(survivorId), absorbed: yield* sideOf(absorbedId) }
  const record: UnificationRecord = { ...sides, unionid, decided: false }
  const status = unifiedStatus(record.survivor.status, record.absorbed.status)

  yield* run(sql`
    UPDATE users SET status = 'unified', survivor_id = ${survivorId}, unionid = NULL WHERE id = ${absorbedId}`)
  yield* run(sql`UPDATE users SET survivor_id = ${survivorId} WHERE survivor_id = ${absorbedId}`)
  yield* run(sql`UPDATE users SET status = ${status}, unionid = ${unionid} WHERE id = ${survivorId}`)
  yield* run(sql`UPDATE identities SET user_id = ${survivorId} WHERE user_id = ${absorbedId}`)
  for (const half of LIVE_AND_PAST) {
    yield* run(sql`UPDATE sessions SET user_id = ${survivorId} WHERE user_id = ${absorbedId} AND ${half}`)
  }
  yield* run(sql`UPDATE conflicts SET user_id = ${survivorId} WHERE user_id = ${absorbedId}`)
  if (status === 'blocked') yield* endAllOf(survivorId, 'blocked')

  const at = yield* afterOthersOf(survivorId, absorbedId, act.now)
  const id = `uni_${absorbedId.slice(4)}${at.toString(36)}`
  yield* run(sql`
    INSERT INTO unifications (id, realm_id, survivor_id, absorbed_id, detail, created_at)
    VALUES (${id}, ${realmId}, ${survivorId}, ${absorbedId}, ${JSON.stringify(record)}, ${at})`)
  const detail = { absorbed: absorbedId, unification: id }
  yield* audit(act, { kind: 'user_unified', outcome: 'ok', userId: survivorId, detail })
  yield* writeOutboxEvent(act, 'user.unified', survivorId, { absorbed: absorbedId })
  return { status }
}

/** Unifications are undone in the reverse of their order, so no clock may shuffle those of one user, or let two share a moment. */
function* afterOthersOf(survivorId: UserId, absorbedId: UserId, now: number): Statements<number> {
  const latest = yield* one(sql`
    SELECT MAX(created_at) AS at FROM unifications
    WHERE survivor_id IN (${survivorId}, ${absorbedId}) OR absorbed_id IN (${survivorId}, ${absorbedId})`)
  return Math.max(now, (optional(number, latest?.at) ?? 0) + 1)
}

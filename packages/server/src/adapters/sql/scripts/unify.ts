import type { AppId, OpenId, UnionId } from '@hufu/wechat/words'
import type { Act } from '../../../domain/act.ts'
import type { RealmId, UserId } from '../../../domain/ids.ts'
import { type IdentityName, type Side, type UnificationRecord, unifiedStatus } from '../../../domain/unification.ts'
import { number, optional, type Row, row, rows, type Steps, text } from '../script.ts'
import { announce, audit } from './audit.ts'
import { formerIds } from './read.ts'

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
export function* unify(act: Act, { realmId, unionid, ...pair }: Unification): Steps<{ status: Side['status'] }> {
  const { survivorId, absorbedId } = pair
  const sides = { survivor: yield* sideOf(survivorId), absorbed: yield* sideOf(absorbedId) }
  const record: UnificationRecord = { ...sides, unionid, decided: false }
  const status = unifiedStatus(record.survivor.status, record.absorbed.status)

  yield* rows(
    "UPDATE users SET status = 'unified', survivor_id = ?, union_id = NULL WHERE id = ?",
    survivorId,
    absorbedId,
  )
  yield* rows('UPDATE users SET survivor_id = ? WHERE survivor_id = ?', survivorId, absorbedId)
  yield* rows('UPDATE users SET status = ?, union_id = ? WHERE id = ?', status, unionid, survivorId)
  yield* rows('UPDATE identities SET user_id = ? WHERE user_id = ?', survivorId, absorbedId)
  yield* rows('UPDATE sessions SET user_id = ? WHERE user_id = ?', survivorId, absorbedId)
  yield* rows('UPDATE conflicts SET user_id = ? WHERE user_id = ?', survivorId, absorbedId)
  if (status === 'blocked') {
    yield* rows("UPDATE sessions SET ended = 'blocked' WHERE user_id = ? AND ended IS NULL", survivorId)
  }

  const at = yield* afterOthersOf(pair, act.now)
  const id = `uni_${absorbedId.slice(4)}${at.toString(36)}`
  yield* rows(
    'INSERT INTO unifications (id, realm_id, survivor_id, absorbed_id, detail, created_at) VALUES (?, ?, ?, ?, ?, ?)',
    id,
    realmId,
    survivorId,
    absorbedId,
    JSON.stringify(record),
    at,
  )
  yield* audit(act, {
    kind: 'user_unified',
    outcome: 'ok',
    userId: survivorId,
    detail: { absorbed: absorbedId, unification: id },
  })
  yield* announce(act, 'user.unified', survivorId, { absorbed: absorbedId })
  return { status }
}

/** Unifications are undone in the reverse of their order, so no clock may shuffle those of one user, or let two share a moment. */
function* afterOthersOf(
  { survivorId, absorbedId }: Pick<Unification, 'survivorId' | 'absorbedId'>,
  now: number,
): Steps<number> {
  const latest = yield* row(
    'SELECT MAX(created_at) AS at FROM unifications WHERE survivor_id IN (?, ?) OR absorbed_id IN (?, ?)',
    survivorId,
    absorbedId,
    survivorId,
    absorbedId,
  )
  return Math.max(now, (optional(number, latest?.at) ?? 0) + 1)
}

export function* sideOf(user: UserId): Steps<Side> {
  const found = yield* row('SELECT status, union_id FROM users WHERE id = ?', user)
  return {
    id: user,
    status: found?.status === 'blocked' ? 'blocked' : 'active',
    unionid: typeof found?.union_id === 'string' ? (found.union_id as UnionId) : undefined,
    identities: yield* identityNames(user),
    formerIds: yield* formerIds(user),
  }
}

export function* identityNames(user: UserId): Steps<IdentityName[]> {
  const found = yield* rows('SELECT app_id, open_id FROM identities WHERE user_id = ? ORDER BY app_id, open_id', user)
  return found.map(toIdentityName)
}

export const toIdentityName = (found: Row): IdentityName => ({
  appId: text(found.app_id) as AppId,
  openid: text(found.open_id) as OpenId,
})

import type { AppId, OpenId, UnionId } from '@hufu/wechat/words'
import type { Act } from '../../../domain/events.ts'
import type { RealmId, UserId } from '../../../domain/ids.ts'
import { type IdentityName, type Side, type UnificationRecord, unifiedStatus } from '../../../domain/unification.ts'
import { number, optional, type Row, row, rows, type Steps, text } from '../script.ts'
import { announce, audit } from './audit.ts'
import { formerIds } from './read.ts'

interface Unification {
  realm: RealmId
  survivor: UserId
  absorbed: UserId
  unionId: UnionId
}

/**
 * Makes two users one, as part of the transaction under way, which holds both: the absorbed becomes a tombstone, its
 * identities, sessions and earlier tombstones follow, and a record says how it was.
 */
export function* unify(act: Act, { realm, unionId, ...pair }: Unification): Steps<{ status: Side['status'] }> {
  const { survivor, absorbed } = pair
  const sides = { survivor: yield* sideOf(survivor), absorbed: yield* sideOf(absorbed) }
  const record: UnificationRecord = { ...sides, unionId, decided: false }
  const status = unifiedStatus(record.survivor.status, record.absorbed.status)

  yield* rows("UPDATE users SET status = 'unified', survivor_id = ?, union_id = NULL WHERE id = ?", survivor, absorbed)
  yield* rows('UPDATE users SET survivor_id = ? WHERE survivor_id = ?', survivor, absorbed)
  yield* rows('UPDATE users SET status = ?, union_id = ? WHERE id = ?', status, unionId, survivor)
  yield* rows('UPDATE identities SET user_id = ? WHERE user_id = ?', survivor, absorbed)
  yield* rows('UPDATE sessions SET user_id = ? WHERE user_id = ?', survivor, absorbed)
  yield* rows('UPDATE conflicts SET user_id = ? WHERE user_id = ?', survivor, absorbed)
  if (status === 'blocked') {
    yield* rows("UPDATE sessions SET ended = 'blocked' WHERE user_id = ? AND ended IS NULL", survivor)
  }

  const at = yield* afterOthersOf(pair, act.now)
  const id = `uni_${absorbed.slice(4)}${at.toString(36)}`
  yield* rows(
    'INSERT INTO unifications (id, realm_id, survivor_id, absorbed_id, detail, created_at) VALUES (?, ?, ?, ?, ?, ?)',
    id,
    realm,
    survivor,
    absorbed,
    JSON.stringify(record),
    at,
  )
  yield* audit(act, { kind: 'user_unified', outcome: 'ok', userId: survivor, detail: { absorbed, unification: id } })
  yield* announce(act, 'user.unified', survivor, { absorbed })
  return { status }
}

/** Unifications are undone in the reverse of their order, so no clock may shuffle those of one user, or let two share a moment. */
function* afterOthersOf(
  { survivor, absorbed }: Pick<Unification, 'survivor' | 'absorbed'>,
  now: number,
): Steps<number> {
  const latest = yield* row(
    'SELECT MAX(created_at) AS at FROM unifications WHERE survivor_id IN (?, ?) OR absorbed_id IN (?, ?)',
    survivor,
    absorbed,
    survivor,
    absorbed,
  )
  return Math.max(now, (optional(number, latest?.at) ?? 0) + 1)
}

export function* sideOf(user: UserId): Steps<Side> {
  const found = yield* row('SELECT status, union_id FROM users WHERE id = ?', user)
  return {
    id: user,
    status: found?.status === 'blocked' ? 'blocked' : 'active',
    unionId: typeof found?.union_id === 'string' ? (found.union_id as UnionId) : undefined,
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
  openId: text(found.open_id) as OpenId,
})

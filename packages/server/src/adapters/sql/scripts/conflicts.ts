import type { AppId, OpenId, UnionId } from '@hufu/wechat/words'
import type { Act } from '../../../domain/act.ts'
import type { RealmId, UserId } from '../../../domain/ids.ts'
import { type Decision, elderFirst } from '../../../domain/whose-user.ts'
import type { LoginFacts } from '../../../ports/logins.ts'
import type { ConflictEntry, Page } from '../../../ports/reconciliation.ts'
import { changes, number, optional, type Row, row, rows, type Script, type Steps, text } from '../script.ts'
import { audit } from './audit.ts'
import { unify } from './unify.ts'

const COLUMNS = `id, app_id, open_id, union_id, user_id, holder_id, count, first_seen_at, last_seen_at, decision, decided_at`

export const listConflicts: Script<Page & { open: boolean }, ConflictEntry[]> = function* ({ after, limit, open }) {
  const found = yield* rows(
    `SELECT ${COLUMNS} FROM conflicts
     WHERE (? = 0 OR decision IS NULL)
       AND (CAST(? AS TEXT) IS NULL OR (first_seen_at, id) < (SELECT first_seen_at, id FROM conflicts WHERE id = ?))
     ORDER BY first_seen_at DESC, id DESC LIMIT ?`,
    open ? 1 : 0,
    after ?? null,
    after ?? null,
    limit,
  )
  return found.map(toEntry)
}

type Conflict = Extract<Decision, { kind: 'conflict' }>

/**
 * One row per (app, openid, new unionid) however often it is seen; the first sight is an audit event. What an operator
 * decided to keep stays decided; what was accepted and is seen again was not settled by it, and waits once more.
 */
export function* recordConflict({ act, appId, openid, unionid, session }: LoginFacts, found: Conflict): Steps<void> {
  const id = `cfl_${session.id.slice(4)}`
  const recorded = yield* row(
    `INSERT INTO conflicts (id, app_id, open_id, union_id, user_id, holder_id, count, first_seen_at, last_seen_at)
     VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)
     ON CONFLICT (app_id, open_id, union_id) DO UPDATE SET
       count = conflicts.count + 1, user_id = excluded.user_id, holder_id = excluded.holder_id,
       last_seen_at = excluded.last_seen_at,
       decision = CASE conflicts.decision WHEN 'keep' THEN 'keep' END,
       decided_at = CASE conflicts.decision WHEN 'keep' THEN conflicts.decided_at END
     RETURNING count`,
    id,
    appId,
    openid,
    unionid ?? null,
    found.userId,
    found.holderId ?? null,
    act.now,
    act.now,
  )
  if (recorded?.count !== 1) return
  yield* audit(act, { kind: 'conflict_recorded', outcome: 'ok', userId: found.userId, appId, detail: { conflict: id } })
}

export const resolveConflict: Script<
  { act: Act; id: string; decision: 'keep' | 'accept' },
  'resolved' | 'unknown' | 'user_gone'
> = function* ({ act, id, decision }) {
  const found = yield* row(`SELECT ${COLUMNS} FROM conflicts WHERE id = ?`, id)
  if (!found) return 'unknown'
  const conflict = toEntry(found)
  // The conflict's own row comes last, after its user's: a login that sees the conflict again holds them in this order.
  if (decision === 'accept' && !(yield* accept(act, conflict))) return 'user_gone'
  const decided = yield* changes(
    'UPDATE conflicts SET decision = ?, decided_at = ? WHERE id = ? RETURNING 1',
    decision,
    act.now,
    id,
  )
  if (decided === 0) return 'unknown'
  yield* audit(act, {
    kind: 'conflict_resolved',
    outcome: 'ok',
    userId: conflict.userId,
    appId: conflict.appId,
    detail: { conflict: id, decision },
  })
  return 'resolved'
}

/** The identity's user takes the unionid that WeChat now says; where another user holds it, the two become one. */
function* accept(act: Act, { appId, openid, unionid }: ConflictEntry): Steps<boolean> {
  const mine = yield* row(
    `SELECT u.id, u.realm_id, u.created_at FROM identities i JOIN users u ON u.id = i.user_id
     WHERE i.app_id = ? AND i.open_id = ? FOR NO KEY UPDATE OF u, i`,
    appId,
    openid,
  )
  if (!mine) return false
  const user = text(mine.id) as UserId
  const realmId = text(mine.realm_id) as RealmId
  yield* rows('UPDATE identities SET pinned = 0 WHERE user_id = ?', user)
  const holder = yield* row(
    'SELECT id, created_at FROM users WHERE realm_id = ? AND union_id = ? FOR NO KEY UPDATE',
    realmId,
    unionid,
  )
  if (!holder) {
    yield* rows('UPDATE users SET union_id = ? WHERE id = ?', unionid, user)
  } else if (holder.id !== user) {
    const pair = elderFirst(
      { id: user, createdAt: number(mine.created_at), unionid: undefined },
      { id: text(holder.id) as UserId, createdAt: number(holder.created_at), unionid },
    )
    yield* unify(act, { realmId, unionid, ...pair })
  }
  return true
}

const toEntry = (found: Row): ConflictEntry => ({
  id: text(found.id),
  appId: text(found.app_id) as AppId,
  openid: text(found.open_id) as OpenId,
  unionid: text(found.union_id) as UnionId,
  userId: text(found.user_id) as UserId,
  holderId: optional(text, found.holder_id) as UserId | undefined,
  count: number(found.count),
  firstSeenAt: number(found.first_seen_at),
  lastSeenAt: number(found.last_seen_at),
  decision: optional(text, found.decision) as ConflictEntry['decision'],
  decidedAt: optional(number, found.decided_at),
})

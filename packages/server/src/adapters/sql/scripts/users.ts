import type { AppId, OpenId, UnionId } from '@hufu/wechat/words'
import type { Act } from '../../../domain/act.ts'
import { isAppKind } from '../../../domain/app.ts'
import type { RealmId, UserId } from '../../../domain/ids.ts'
import type { Identity, UserStatus } from '../../../domain/user.ts'
import type { UserView } from '../../../ports/users.ts'
import { number, optional, row, rows, type Script, type Steps, text } from '../script.ts'
import { announce, audit } from './audit.ts'
import { holdUser } from './hold.ts'
import { formerIds } from './read.ts'
import { eraseRecords, markDecided } from './records.ts'
import { endAllOf } from './sessions.ts'

type ActOn = { act: Act; userId: UserId }

/** The user of an id, through the tombstone when there is one. */
export const findUser: Script<UserId, UserView | undefined> = function* (id) {
  const found = yield* row('SELECT COALESCE(survivor_id, id) AS id FROM users WHERE id = ?', id)
  return found && (yield* viewOf(text(found.id) as UserId))
}

export const findByIdentity: Script<{ appId: AppId; openid: OpenId }, UserView | undefined> = function* (asked) {
  const found = yield* row('SELECT user_id FROM identities WHERE app_id = ? AND open_id = ?', asked.appId, asked.openid)
  return found && (yield* viewOf(text(found.user_id) as UserId))
}

export const findByUnionid: Script<UnionId, UserView[]> = function* (unionid) {
  return yield* viewsOf(
    yield* rows(
      'SELECT u.id FROM realms r JOIN users u ON u.realm_id = r.id WHERE u.union_id = ? ORDER BY u.id',
      unionid,
    ),
  )
}

export const listUsers: Script<{ after: string | undefined; limit: number }, UserView[]> = function* (page) {
  return yield* viewsOf(
    yield* rows(
      "SELECT id FROM users WHERE id > ? AND status IN ('active', 'blocked') ORDER BY id LIMIT ?",
      page.after ?? '',
      page.limit,
    ),
  )
}

function* viewsOf(found: { id?: unknown }[]): Steps<UserView[]> {
  const views: UserView[] = []
  for (const { id } of found) {
    const view = yield* viewOf(String(id) as UserId)
    if (view) views.push(view)
  }
  return views
}

function* viewOf(id: UserId): Steps<UserView | undefined> {
  const found = yield* row('SELECT realm_id, status, created_at, union_id FROM users WHERE id = ?', id)
  if (!found) return undefined
  const user = {
    id,
    realmId: text(found.realm_id) as RealmId,
    status: text(found.status) as UserStatus,
    createdAt: number(found.created_at),
    unionid: optional(text, found.union_id) as UnionId | undefined,
    formerIds: yield* formerIds(id),
  }
  return { user, identities: yield* identitiesOf(id) }
}

function* identitiesOf(user: UserId): Steps<Identity[]> {
  const found = yield* rows(
    `SELECT i.app_id, a.kind, i.open_id, i.pinned, i.first_seen_at, i.last_seen_at
     FROM identities i JOIN apps a ON a.id = i.app_id WHERE i.user_id = ? ORDER BY i.first_seen_at, i.app_id, i.open_id`,
    user,
  )
  return found.map((one) => {
    const kind = text(one.kind)
    return {
      appId: text(one.app_id) as AppId,
      kind: isAppKind(kind) ? kind : 'miniprogram',
      openid: text(one.open_id) as OpenId,
      pinned: one.pinned === 1,
      firstSeenAt: number(one.first_seen_at),
      lastSeenAt: number(one.last_seen_at),
    }
  })
}

export const blockUser: Script<ActOn, boolean> = function* ({ act, userId: id }) {
  const userId = yield* holdUser(id)
  if (!userId) return false
  yield* rows("UPDATE users SET status = 'blocked' WHERE id = ?", userId)
  yield* markDecided(userId)
  yield* endAllOf(userId, 'blocked')
  yield* audit(act, { kind: 'user_blocked', outcome: 'ok', userId })
  yield* announce(act, 'user.blocked', userId)
  return true
}

export const unblockUser: Script<ActOn, boolean> = function* ({ act, userId: id }) {
  const user = yield* holdUser(id)
  if (!user) return false
  yield* rows("UPDATE users SET status = 'active' WHERE id = ?", user)
  yield* markDecided(user)
  yield* audit(act, { kind: 'user_unblocked', outcome: 'ok', userId: user })
  yield* announce(act, 'user.unblocked', user)
  return true
}

/** Detaches and forgets: what is left of a deleted user is an id that nobody gets again. */
export const deleteUser: Script<ActOn, boolean> = function* ({ act, userId: id }) {
  const user = yield* holdUser(id)
  if (!user) return false
  yield* rows("UPDATE users SET status = 'deleted', union_id = NULL WHERE id = ?", user)
  yield* rows('DELETE FROM identities WHERE user_id = ?', user)
  yield* rows('DELETE FROM login_codes WHERE session_id IN (SELECT id FROM sessions WHERE user_id = ?)', user)
  yield* rows('DELETE FROM sessions WHERE user_id = ?', user)
  yield* rows('UPDATE conflicts SET holder_id = NULL WHERE holder_id = ?', user)
  yield* rows('DELETE FROM conflicts WHERE user_id = ?', user)
  yield* eraseRecords(user)
  yield* audit(act, { kind: 'user_deleted', outcome: 'ok', userId: user })
  yield* announce(act, 'user.deleted', user)
  return true
}

export const countUsers: Script<RealmId, number> = function* (realm) {
  const found = yield* row(
    "SELECT COUNT(*) AS n FROM users WHERE realm_id = ? AND status IN ('active', 'blocked')",
    realm,
  )
  return number(found?.n)
}

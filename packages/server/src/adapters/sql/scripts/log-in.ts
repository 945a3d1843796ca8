import type { UnionId } from '@hufu/wechat/words'
import type { RealmId, UserId } from '../../../domain/ids.ts'
import { SESSIONS_PER_APP } from '../../../domain/session.ts'
import type { UserStatus } from '../../../domain/user.ts'
import { type Candidate, type Decision, whoseUser } from '../../../domain/whose-user.ts'
import type { DoorClosed, LoginFacts, LoginOutcome } from '../../../ports/logins.ts'
import { changes, lock, number, optional, type Row, row, rows, type Script, type Steps, text } from '../script.ts'
import { announce, audit } from './audit.ts'
import { recordConflict } from './conflicts.ts'
import { formerIds } from './read.ts'
import { unify } from './unify.ts'

type Found = Candidate & { realm: RealmId; status: UserStatus }
type Known = Found & { pinned: boolean }

/**
 * One login, whole: who is it, what follows, the session, the memory of the code, the audit and outbox rows.
 *
 * Whoever changes a user, or hangs anything on one, holds the user's row first; then come identities, then the rest. In
 * that one order nobody waits in a ring, and what was read of a held user is true until the commit.
 */
export const logIn: Script<LoginFacts, LoginOutcome | DoorClosed> = function* (facts) {
  yield* lock(...namesIn(facts))
  const byOpenId = yield* userOfIdentity(facts)
  const realm = byOpenId?.realm ?? (yield* realmOf(facts.appId))
  const closed = realm === facts.realm ? yield* passDoor(facts) : 'app_gone'
  if (closed) return closed

  const byUnionId =
    facts.unionId && byOpenId?.unionId !== facts.unionId ? yield* userOfUnionId(facts, byOpenId) : undefined
  const decision = whoseUser({ byOpenId, byUnionId, unionId: facts.unionId })
  const user = yield* apply(decision, facts, byOpenId ?? byUnionId)
  yield* rememberIdentity(facts, byOpenId, user.id)
  const hasSession = user.status === 'active'
  if (hasSession) yield* startSession(facts, user.id)
  yield* rememberCode(facts, decision, hasSession)
  yield* audit(facts.act, {
    kind: 'login',
    outcome: hasSession ? 'ok' : 'refused',
    userId: user.id,
    appId: facts.appId,
    ...(hasSession ? { sessionId: facts.session.id } : {}),
    detail: {
      decision: decision.kind,
      door: facts.door.name,
      ...(facts.door.name === 'cloud' ? { key: facts.door.key } : {}),
    },
  })
  return {
    decision: decision.kind,
    user: { ...user, formerIds: decision.kind === 'create' ? [] : yield* formerIds(user.id) },
    hasSession,
  }
}

/** Logins that touch none of the same names cannot meet: one person's own openid and unionid are all there is to race for. */
function namesIn({ appId, openId, realm, unionId }: LoginFacts): string[] {
  return [`identity ${appId} ${openId}`, ...(unionId ? [`person ${realm} ${unionId}`] : [])]
}

/** An assertion is spent with the login it leads to: nowhere a second time, and not at all when the login fails. */
function* passDoor({ door }: LoginFacts): Steps<DoorClosed | undefined> {
  if (door.name !== 'cloud') return undefined
  // Shared: logins do not wait for each other, but a revocation waits for them, and they for it.
  const key = yield* row('SELECT revoked_at FROM cloud_keys WHERE id = ? FOR SHARE', door.key)
  if (!key || key.revoked_at !== null) return 'key_revoked'
  const spent = yield* changes(
    'INSERT INTO spent_assertions (key_id, jti, expires_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1',
    door.key,
    door.jti,
    door.expiresAt,
  )
  return spent === 0 ? 'assertion_replayed' : undefined
}

/**
 * An app without users may be moved to another realm, or removed, while its first login is under way. A process that has
 * not heard of it must not join people across realms.
 */
function* realmOf(appId: LoginFacts['appId']): Steps<RealmId | undefined> {
  const app = yield* row('SELECT realm_id FROM apps WHERE id = ? FOR KEY SHARE', appId)
  return app && (text(app.realm_id) as RealmId)
}

/** In one statement: of a user who stops being this identity's while we wait for the row, nothing is found. */
function* userOfIdentity({ appId, openId }: LoginFacts): Steps<Known | undefined> {
  const found = yield* row(
    `SELECT ${USER}, i.pinned FROM identities i JOIN users u ON u.id = i.user_id
     WHERE i.app_id = ? AND i.open_id = ? FOR NO KEY UPDATE OF u, i`,
    appId,
    openId,
  )
  return found && { ...candidate(found), pinned: found.pinned === 1 }
}

/** Held only if this login may change it: two conflicts that name each other's users must not wait for each other. */
function* userOfUnionId({ realm, unionId }: LoginFacts, known: Known | undefined): Steps<Found | undefined> {
  const isConflict = known !== undefined && (known.unionId !== undefined || known.pinned)
  const found = yield* row(
    `SELECT ${USER} FROM users u WHERE u.realm_id = ? AND u.union_id = ?${isConflict ? '' : ' FOR NO KEY UPDATE'}`,
    realm,
    unionId ?? null,
  )
  return found && candidate(found)
}

const USER = 'u.id, u.realm_id, u.status, u.created_at, u.union_id'

const candidate = (found: Row): Found => ({
  id: text(found.id) as UserId,
  realm: text(found.realm_id) as RealmId,
  status: text(found.status) as UserStatus,
  createdAt: number(found.created_at),
  unionId: optional(text, found.union_id) as UnionId | undefined,
})

type Signed = Pick<LoginOutcome['user'], 'id' | 'status' | 'unionId'>

function* apply(decision: Decision, facts: LoginFacts, found: Found | undefined): Steps<Signed> {
  const status = found?.status ?? 'active'
  switch (decision.kind) {
    case 'create':
      return yield* createUser(facts)
    case 'unify': {
      const unified = yield* unify(facts.act, { ...decision, realm: facts.realm, unionId: facts.unionId as UnionId })
      return { id: decision.survivor, status: unified.status, unionId: facts.unionId }
    }
    case 'conflict':
      yield* recordConflict(facts, decision)
      return { id: decision.user, status, unionId: found?.unionId }
    case 'link':
      return { id: decision.user, status, unionId: facts.unionId }
    case 'sign-in':
      if (decision.attach) yield* rows('UPDATE users SET union_id = ? WHERE id = ?', decision.attach, decision.user)
      return { id: decision.user, status, unionId: decision.attach ?? found?.unionId }
  }
}

function* createUser({ act, appId, realm, unionId, userId }: LoginFacts): Steps<Signed> {
  yield* rows(
    "INSERT INTO users (id, realm_id, status, created_at, union_id) VALUES (?, ?, 'active', ?, ?)",
    userId,
    realm,
    act.now,
    unionId ?? null,
  )
  yield* announce(act, 'user.created', userId, { appId })
  return { id: userId, status: 'active', unionId }
}

function* rememberIdentity(facts: LoginFacts, known: Known | undefined, user: UserId): Steps<void> {
  const { act, appId, openId, sealedSessionKey: sealed } = facts
  if (!known) {
    yield* rows(
      `INSERT INTO identities (app_id, open_id, user_id, first_seen_at, last_seen_at, session_key_sealed, session_key_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      appId,
      openId,
      user,
      act.now,
      act.now,
      sealed ?? null,
      sealed ? act.now : null,
    )
  } else if (sealed) {
    yield* rows(
      'UPDATE identities SET last_seen_at = ?, session_key_sealed = ?, session_key_at = ? WHERE app_id = ? AND open_id = ?',
      act.now,
      sealed,
      act.now,
      appId,
      openId,
    )
  } else {
    yield* rows('UPDATE identities SET last_seen_at = ? WHERE app_id = ? AND open_id = ?', act.now, appId, openId)
  }
}

function* startSession({ act, appId, openId, door, session }: LoginFacts, user: UserId): Steps<void> {
  // Ids sort by time: of the sessions there are, the newest nine stay beside this one, and the oldest live ones end.
  yield* rows(
    `UPDATE sessions SET ended = 'crowded_out' WHERE id IN (
       SELECT id FROM sessions
       WHERE user_id = ? AND app_id = ? AND ended IS NULL AND last_used_at > ? AND created_at > ?
       ORDER BY id DESC LIMIT 1000 OFFSET ${SESSIONS_PER_APP - 1})`,
    user,
    appId,
    session.idleSince,
    session.startedSince,
  )
  yield* rows(
    `INSERT INTO sessions (id, user_id, app_id, open_id, created_at, last_used_at, generation, key_number, salt, rotated_at, cloud_key_id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    session.id,
    user,
    appId,
    openId,
    act.now,
    act.now,
    session.step.generation,
    session.step.keyNumber,
    session.step.salt,
    act.now,
    door.name === 'cloud' ? door.key : null,
  )
}

function* rememberCode(
  { act, appId, code, session }: LoginFacts,
  decision: Decision,
  hasSession: boolean,
): Steps<void> {
  if (!code) return
  // A development code may come twice; the first login that a real code led to is the one it is remembered by.
  yield* rows(
    `INSERT INTO login_codes (app_id, code_hash, nonce_hash, session_id, is_new, created_at)
     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    appId,
    code.hash,
    code.nonceHash ?? null,
    hasSession ? session.id : null,
    decision.kind === 'create' ? 1 : 0,
    act.now,
  )
}

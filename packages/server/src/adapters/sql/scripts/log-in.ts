import type { UnionId } from '@hufu/wechat/words'
import type { RealmId, UserId } from '../../../domain/ids.ts'
import { SESSIONS_PER_APP } from '../../../domain/session.ts'
import type { UserStatus } from '../../../domain/user.ts'
import { type Candidate, type Decision, whoseUser } from '../../../domain/whose-user.ts'
import type { LoginFacts, LoginOutcome, LoginRefusal } from '../../../ports/logins.ts'
import { changes, lock, number, optional, type Row, row, rows, type Script, type Steps, text } from '../script.ts'
import { announce, audit } from './audit.ts'
import { recordConflict } from './conflicts.ts'
import { formerIds } from './read.ts'
import { unify } from './unify.ts'

type Found = Candidate & { realmId: RealmId; status: UserStatus }
type Known = Found & { pinned: boolean }

/**
 * One login, whole: who is it, what follows, the session, the memory of the code, the audit and outbox rows.
 *
 * Whoever changes a user, or hangs anything on one, holds the user's row first; then come identities, then the rest. In
 * that one order nobody waits in a ring, and what was read of a held user is true until the commit.
 */
export const logIn: Script<LoginFacts, LoginOutcome | LoginRefusal> = function* (facts) {
  yield* lock(...namesIn(facts))
  const byOpenid = yield* userOfIdentity(facts)
  const realmId = byOpenid?.realmId ?? (yield* realmOf(facts.appId))
  const refusal = realmId === facts.realmId ? yield* spendAssertion(facts) : 'app_gone'
  if (refusal) return refusal

  const byUnionid =
    facts.unionid && byOpenid?.unionid !== facts.unionid ? yield* userOfUnionid(facts, byOpenid) : undefined
  const decision = whoseUser({ byOpenid, byUnionid, unionid: facts.unionid })
  const user = yield* apply(decision, facts, byOpenid ?? byUnionid)
  yield* rememberIdentity(facts, byOpenid, user.id)
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
      method: facts.method.name,
      ...(facts.method.name === 'cloud-function' ? { cloudKeyId: facts.method.cloudKeyId } : {}),
    },
  })
  return {
    decision: decision.kind,
    user: { ...user, formerIds: decision.kind === 'create' ? [] : yield* formerIds(user.id) },
    hasSession,
  }
}

/** Logins that touch none of the same names cannot meet: one person's own openid and unionid are all there is to race for. */
function namesIn({ appId, openid, realmId, unionid }: LoginFacts): string[] {
  return [`identity ${appId} ${openid}`, ...(unionid ? [`person ${realmId} ${unionid}`] : [])]
}

/** An assertion is spent with the login it leads to: nowhere a second time, and not at all when the login fails. */
function* spendAssertion({ method }: LoginFacts): Steps<LoginRefusal | undefined> {
  if (method.name !== 'cloud-function') return undefined
  // Shared: logins do not wait for each other, but a revocation waits for them, and they for it.
  const key = yield* row('SELECT revoked_at FROM cloud_keys WHERE id = ? FOR SHARE', method.cloudKeyId)
  if (!key || key.revoked_at !== null) return 'key_revoked'
  const spent = yield* changes(
    'INSERT INTO spent_assertions (key_id, jti, expires_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1',
    method.cloudKeyId,
    method.jti,
    method.expiresAt,
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
function* userOfIdentity({ appId, openid }: LoginFacts): Steps<Known | undefined> {
  const found = yield* row(
    `SELECT ${USER}, i.pinned FROM identities i JOIN users u ON u.id = i.user_id
     WHERE i.app_id = ? AND i.open_id = ? FOR NO KEY UPDATE OF u, i`,
    appId,
    openid,
  )
  return found && { ...candidate(found), pinned: found.pinned === 1 }
}

/** Held only if this login may change it: two conflicts that name each other's users must not wait for each other. */
function* userOfUnionid({ realmId, unionid }: LoginFacts, known: Known | undefined): Steps<Found | undefined> {
  const isConflict = known !== undefined && (known.unionid !== undefined || known.pinned)
  const found = yield* row(
    `SELECT ${USER} FROM users u WHERE u.realm_id = ? AND u.union_id = ?${isConflict ? '' : ' FOR NO KEY UPDATE'}`,
    realmId,
    unionid ?? null,
  )
  return found && candidate(found)
}

const USER = 'u.id, u.realm_id, u.status, u.created_at, u.union_id'

const candidate = (found: Row): Found => ({
  id: text(found.id) as UserId,
  realmId: text(found.realm_id) as RealmId,
  status: text(found.status) as UserStatus,
  createdAt: number(found.created_at),
  unionid: optional(text, found.union_id) as UnionId | undefined,
})

type Signed = Pick<LoginOutcome['user'], 'id' | 'status' | 'unionid'>

function* apply(decision: Decision, facts: LoginFacts, found: Found | undefined): Steps<Signed> {
  const status = found?.status ?? 'active'
  switch (decision.kind) {
    case 'create':
      return yield* createUser(facts)
    case 'unify': {
      const unified = yield* unify(facts.act, {
        ...decision,
        realmId: facts.realmId,
        unionid: facts.unionid as UnionId,
      })
      return { id: decision.survivorId, status: unified.status, unionid: facts.unionid }
    }
    case 'conflict':
      yield* recordConflict(facts, decision)
      return { id: decision.userId, status, unionid: found?.unionid }
    case 'link':
      return { id: decision.userId, status, unionid: facts.unionid }
    case 'sign-in':
      if (decision.attach) yield* rows('UPDATE users SET union_id = ? WHERE id = ?', decision.attach, decision.userId)
      return { id: decision.userId, status, unionid: decision.attach ?? found?.unionid }
  }
}

function* createUser({ act, appId, realmId, unionid, newUserId }: LoginFacts): Steps<Signed> {
  yield* rows(
    "INSERT INTO users (id, realm_id, status, created_at, union_id) VALUES (?, ?, 'active', ?, ?)",
    newUserId,
    realmId,
    act.now,
    unionid ?? null,
  )
  yield* announce(act, 'user.created', newUserId, { appId })
  return { id: newUserId, status: 'active', unionid }
}

function* rememberIdentity(facts: LoginFacts, known: Known | undefined, user: UserId): Steps<void> {
  const { act, appId, openid, sealedSessionKey: sealed } = facts
  if (!known) {
    yield* rows(
      `INSERT INTO identities (app_id, open_id, user_id, first_seen_at, last_seen_at, session_key_sealed, session_key_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      appId,
      openid,
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
      openid,
    )
  } else {
    yield* rows('UPDATE identities SET last_seen_at = ? WHERE app_id = ? AND open_id = ?', act.now, appId, openid)
  }
}

function* startSession({ act, appId, openid, method, session }: LoginFacts, user: UserId): Steps<void> {
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
    openid,
    act.now,
    act.now,
    session.step.generation,
    session.step.keyNumber,
    session.step.salt,
    act.now,
    method.name === 'cloud-function' ? method.cloudKeyId : null,
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

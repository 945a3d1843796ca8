import type { UnionId } from '@hufu/wechat/words'
import type { RealmId } from '../../../../domain/ids.ts'
import { type Decision, whoseUser } from '../../../../domain/whose-user.ts'
import type { LoginFacts, LoginOutcome, LoginRefusal, Logins } from '../../../../ports/logins.ts'
import { flag, realmId } from '../../rows/columns.ts'
import { CANDIDATE, candidateRow, type StoredCandidate } from '../../rows/user.ts'
import { count, forKeyShare, forNoKeyUpdate, forShare, nothing, one, run, type Statements, sql } from '../../sql.ts'
import { write } from '../../transaction.ts'
import { audit, writeOutboxEvent } from '../events/write-events.ts'
import { recordConflict } from '../reconciliation/record-conflict.ts'
import { unify } from '../reconciliation/unify.ts'
import { formerIds } from '../users/former-ids.ts'
import { rememberCode, rememberIdentity, startSession } from './remember.ts'

type Known = StoredCandidate & { pinned: boolean }

/**
 * One login, whole: who is it, what follows, the session, the memory of the code, the audit and outbox rows.
 *
 * Whoever changes a user, or hangs anything on one, holds the user's row first; then come identities, then the rest. In
 * that one order nobody waits in a ring, and what was read of a held user is true until the commit.
 */
export const commit = write<Logins['commit']>(
  function* (facts) {
    const byOpenid = yield* userOfIdentity(facts)
    const realm = byOpenid?.realmId ?? (yield* realmOf(facts))
    const refusal = realm === facts.realmId ? yield* spendAssertion(facts) : 'app_gone'
    if (refusal) return refusal

    const byUnionid =
      facts.unionid && byOpenid?.unionid !== facts.unionid ? yield* userOfUnionid(facts, byOpenid) : undefined
    const decision = whoseUser({ byOpenid, byUnionid, unionid: facts.unionid })
    const user = yield* apply(decision, facts, byOpenid ?? byUnionid)
    const hasSession = user.status === 'active'
    // A session_key is forgotten through the session that it came with.
    const sealedSessionKey = hasSession ? facts.sealedSessionKey : undefined
    yield* rememberIdentity({ ...facts, sealedSessionKey }, byOpenid !== undefined, user.id)
    if (hasSession) yield* startSession(facts, user.id)
    yield* rememberCode(facts, { isNew: decision.kind === 'create', hasSession })
    yield* auditLogin(facts, decision, user, hasSession)
    return {
      decision: decision.kind,
      user: { ...user, formerIds: decision.kind === 'create' ? [] : yield* formerIds(user.id) },
      hasSession,
    }
  },
  { locks: namesIn },
)

/** Logins that touch none of the same names cannot meet: one person's own openid and unionid are all there is to race for. */
function namesIn({ appId, openid, realmId, unionid }: LoginFacts): string[] {
  return [`identity ${appId} ${openid}`, ...(unionid ? [`person ${realmId} ${unionid}`] : [])]
}

/** An assertion is spent with the login it leads to: nowhere a second time, and not at all when the login fails. */
function* spendAssertion({ method }: LoginFacts): Statements<LoginRefusal | undefined> {
  if (method.name !== 'cloud-function') return undefined
  // Shared: logins do not wait for each other, but a revocation waits for them, and they for it.
  const key = yield* one(sql`SELECT revoked_at FROM cloud_keys WHERE id = ${method.cloudKeyId} ${forShare()}`)
  if (!key || key.revoked_at !== null) return 'key_revoked'
  const spent = yield* count(sql`
    INSERT INTO spent_assertions (key_id, jti, expires_at)
    VALUES (${method.cloudKeyId}, ${method.jti}, ${method.expiresAt}) ON CONFLICT DO NOTHING RETURNING 1`)
  return spent === 0 ? 'assertion_replayed' : undefined
}

/**
 * An app without users may be moved to another realm, or removed, while its first login is under way. A process that has
 * not heard of it must not join people across realms.
 */
function* realmOf({ appId }: LoginFacts): Statements<RealmId | undefined> {
  const app = yield* one(sql`SELECT realm_id FROM apps WHERE id = ${appId} ${forKeyShare()}`)
  return app && realmId(app.realm_id)
}

/** In one statement: of a user who stops being this identity's while we wait for the row, nothing is found. */
function* userOfIdentity({ appId, openid }: LoginFacts): Statements<Known | undefined> {
  const found = yield* one(sql`
    SELECT ${CANDIDATE}, i.pinned FROM identities i JOIN users u ON u.id = i.user_id
    WHERE i.app_id = ${appId} AND i.openid = ${openid} ${forNoKeyUpdate('u', 'i')}`)
  return found && { ...candidateRow(found), pinned: flag(found.pinned) }
}

/** Held only if this login may change it: two conflicts that name each other's users must not wait for each other. */
function* userOfUnionid(
  { realmId, unionid }: LoginFacts,
  known: Known | undefined,
): Statements<StoredCandidate | undefined> {
  const isConflict = known !== undefined && (known.unionid !== undefined || known.pinned)
  const found = yield* one(sql`
    SELECT ${CANDIDATE} FROM users u
    WHERE u.realm_id = ${realmId} AND u.unionid = ${unionid} ${isConflict ? nothing : forNoKeyUpdate()}`)
  return found && candidateRow(found)
}

type Signed = Pick<LoginOutcome['user'], 'id' | 'status' | 'unionid'>

function* apply(decision: Decision, facts: LoginFacts, found: StoredCandidate | undefined): Statements<Signed> {
  const status = found?.status ?? 'active'
  switch (decision.kind) {
    case 'create':
      return yield* createUser(facts)
    case 'unify': {
      const { realmId } = facts
      const unionid = facts.unionid as UnionId
      const unified = yield* unify(facts.act, { ...decision, realmId, unionid })
      return { id: decision.survivorId, status: unified.status, unionid }
    }
    case 'conflict':
      yield* recordConflict(facts, decision)
      return { id: decision.userId, status, unionid: found?.unionid }
    case 'link':
      return { id: decision.userId, status, unionid: facts.unionid }
    case 'sign-in':
      if (decision.attach) {
        yield* run(sql`UPDATE users SET unionid = ${decision.attach} WHERE id = ${decision.userId}`)
      }
      return { id: decision.userId, status, unionid: decision.attach ?? found?.unionid }
  }
}

function* createUser({ act, appId, realmId, unionid, newUserId }: LoginFacts): Statements<Signed> {
  yield* run(sql`
    INSERT INTO users (id, realm_id, status, created_at, unionid)
    VALUES (${newUserId}, ${realmId}, 'active', ${act.now}, ${unionid})`)
  yield* writeOutboxEvent(act, 'user.created', newUserId, { appId })
  return { id: newUserId, status: 'active', unionid }
}

function* auditLogin(
  { act, appId, method, session }: LoginFacts,
  decision: Decision,
  user: Signed,
  hasSession: boolean,
): Statements<void> {
  const cloudKey = method.name === 'cloud-function' ? { cloudKeyId: method.cloudKeyId } : {}
  yield* audit(act, {
    kind: 'login',
    outcome: hasSession ? 'ok' : 'refused',
    userId: user.id,
    appId,
    ...(hasSession ? { sessionId: session.id } : {}),
    detail: { decision: decision.kind, method: method.name, ...cloudKey },
  })
}

import type { AppId, OpenId, UnionId } from '@hufu/wechat/words'
import type { Act } from '../domain/act.ts'
import type { RealmId, SessionId, UserId } from '../domain/ids.ts'
import type { LoginMethodName } from '../domain/login-method.ts'
import type { RefreshStep, Session } from '../domain/session.ts'
import type { UserStatus } from '../domain/user.ts'
import type { Decision } from '../domain/whose-user.ts'

/** Everything one login writes down, gathered before the transaction begins. */
export interface LoginFacts {
  act: Act
  appId: AppId
  realmId: RealmId
  openid: OpenId
  /** As WeChat delivered it in this very login. */
  unionid: UnionId | undefined
  /** The session_key, sealed for this (app, openid); absent where the login method yields none. */
  sealedSessionKey: Uint8Array | undefined
  /** Remembers the code for repeats; absent for development codes, which may be used again and again. */
  code: { hash: Uint8Array; nonceHash: Uint8Array | undefined } | undefined
  /** The id that a new user would get. */
  newUserId: UserId
  session: { id: SessionId; step: RefreshStep; idleSince: number; startedSince: number }
  method: LoginMethod
}

/** How the caller came in, with what the login's transaction must know of it. */
export type LoginMethod = { [Name in LoginMethodName]: { name: Name } & LoginMethodFacts[Name] }[LoginMethodName]

interface LoginMethodFacts {
  code: object
  /** The assertion, which is spent in the login's own transaction. */
  'cloud-function': { cloudKeyId: string; jti: string; expiresAt: number }
  'cloud-run': object
}

export interface LoginOutcome {
  decision: Decision['kind']
  user: { id: UserId; status: UserStatus; formerIds: UserId[]; unionid: UnionId | undefined }
  /** False when the user is blocked: everything else was committed, and no session was made. */
  hasSession: boolean
}

/**
 * Nothing was written: the assertion was used before, its key is revoked, or the app was removed or moved to another
 * realm a moment ago.
 */
export type LoginRefusal = 'assertion_replayed' | 'key_revoked' | 'app_gone'

/** The login that a code led to. */
export interface EarlierLogin {
  createdAt: number
  nonceHash: Uint8Array | undefined
  isNew: boolean
  /** Absent when that login made no session. */
  session: Session | undefined
  user: { id: UserId; status: UserStatus; formerIds: UserId[]; unionid: UnionId | undefined } | undefined
}

export interface Logins {
  /**
   * Looks the identity and the unionid up, asks `whoseUser`, applies the answer, makes the session, remembers the code
   * and writes the audit and outbox rows: one transaction. However many logins race for a person, all get the same
   * user. Resolves only after the commit is durable.
   */
  commit(facts: LoginFacts): Promise<LoginOutcome | LoginRefusal>

  /** What a code led to. Waits up to a second where another process may be about to write it. */
  findByCode(input: { appId: AppId; codeHash: Uint8Array }): Promise<EarlierLogin | undefined>
}

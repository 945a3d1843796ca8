import type { AppId, OpenId, UnionId } from '@hufu/wechat/words'
import type { Act } from '../domain/events.ts'
import type { RealmId, SessionId, UserId } from '../domain/ids.ts'
import type { Session, Step } from '../domain/session.ts'
import type { UserStatus } from '../domain/user.ts'
import type { Decision } from '../domain/whose-user.ts'

/** Everything one login writes down, gathered before the transaction begins. */
export interface LoginFacts {
  act: Act
  appId: AppId
  realm: RealmId
  openId: OpenId
  /** As WeChat delivered it in this very login. */
  unionId: UnionId | undefined
  /** The session_key, sealed for this (app, openid); absent where the door yields none. */
  sealedSessionKey: Uint8Array | undefined
  /** Remembers the code for repeats; absent for development codes, which may be used again and again. */
  code: { hash: Uint8Array; nonceHash: Uint8Array | undefined } | undefined
  /** The id that a new user would get. */
  userId: UserId
  session: { id: SessionId; step: Step; idleSince: number; startedSince: number }
  door: Door
}

/** How the caller came in. A cloud function's assertion is spent in the login's own transaction. */
export type Door =
  | { name: 'code' }
  | { name: 'cloud'; key: string; jti: string; expiresAt: number }
  | { name: 'container' }

export interface LoginOutcome {
  decision: Decision['kind']
  user: { id: UserId; status: UserStatus; formerIds: UserId[]; unionId: UnionId | undefined }
  /** False when the user is blocked: everything else was committed, and no session was made. */
  hasSession: boolean
}

/**
 * Nothing was written: the assertion was used before, its key is revoked, or the app was removed or moved to another
 * realm a moment ago.
 */
export type DoorClosed = 'assertion_replayed' | 'key_revoked' | 'app_gone'

/** The login that a code led to. */
export interface CodeAnswer {
  createdAt: number
  nonceHash: Uint8Array | undefined
  isNew: boolean
  /** Absent when that login made no session. */
  session: Session | undefined
  user: { id: UserId; status: UserStatus; formerIds: UserId[]; unionId: UnionId | undefined } | undefined
}

export interface Logins {
  /**
   * Looks the identity and the unionid up, asks `whoseUser`, applies the answer, makes the session, remembers the code
   * and writes the audit and outbox rows: one transaction. However many logins race for a person, all get the same
   * user. Resolves only after the commit is durable.
   */
  commit(facts: LoginFacts): Promise<LoginOutcome | DoorClosed>

  /** What a code led to. Waits up to a second where another process may be about to write it. */
  answerTo(appId: AppId, codeHash: Uint8Array): Promise<CodeAnswer | undefined>
}

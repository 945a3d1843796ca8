import type { OpenId, UnionId } from '@hufu/wechat/words'
import type { App } from '../domain/app.ts'
import type { UserId } from '../domain/ids.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Session } from '../domain/session.ts'
import type { UserStatus } from '../domain/user.ts'
import type { Decision } from '../domain/whose-user.ts'
import type { LoginMethod } from '../ports/logins.ts'
import type { Tokens } from '../ports/tokens.ts'

/** What a login or a refresh gives. Tokens are plain text here: this object leaves in one place, the reply. */
export interface SignedIn {
  /** A JWT (RFC 9068); goes into `Authorization: Bearer …` and nowhere else. */
  accessToken: string
  /** Works once: `refresh` gives the next one. */
  refreshToken: string
  /** Life of the access token, in seconds. */
  expiresIn: number
  /** The app through which the person came in. */
  appId: string
  /** The person as this app sees them. */
  openid: OpenId
  /** The one that Hufu holds for this user; undefined where it holds none. */
  unionid: UnionId | undefined
  /** Who they are: our id, whether this login made the user, and the ids they bore before a unification, oldest first. */
  user: { id: UserId; isNew: boolean; formerIds: UserId[] }
}

/** How a login came about, besides what it gives: for those who watch, never for the wire. */
export interface LoginEvent {
  appId: string
  userId: UserId
  isNew: boolean
  /** The row of the table that decided whose account it is; `repeat` where an earlier answer was given again. */
  decision: Decision['kind'] | 'repeat'
  method: LoginMethod['name']
}

/** A committed login. A refresh is none: nobody came in by any method. */
export interface Login {
  signedIn: SignedIn
  event: LoginEvent
}

interface Facts {
  app: Pick<App, 'id' | 'realmId'>
  now: number
  user: { id: UserId; isNew: boolean; formerIds: UserId[]; unionid: UnionId | undefined }
  session: Pick<Session, 'id' | 'openid' | 'current'>
}

/** Makes the tokens of a session that is committed. */
export async function signedIn({ tokens }: { tokens: Tokens }, facts: Facts): Promise<SignedIn> {
  const { app, user, session } = facts
  const claims = { userId: user.id, sessionId: session.id, appId: app.id, realmId: app.realmId }
  const access = await tokens.issueAccess(claims, facts.now)
  return {
    accessToken: access.token,
    expiresIn: access.expiresIn,
    refreshToken: tokens.refreshToken(session.id, session.current),
    appId: app.id,
    openid: session.openid,
    unionid: user.unionid,
    user: { id: user.id, isNew: user.isNew, formerIds: user.formerIds },
  }
}

/** The same for a login, with what is told of it. */
export async function loggedIn(
  deps: { tokens: Tokens },
  { decision, method, ...facts }: Facts & Pick<LoginEvent, 'decision' | 'method'>,
): Promise<Login> {
  const { app, user } = facts
  const event = { appId: app.id, userId: user.id, isNew: user.isNew, decision, method }
  return { signedIn: await signedIn(deps, facts), event }
}

/** @throws {ProblemError} `user_blocked` */
export function refuseBlocked(status: UserStatus): void {
  if (status !== 'active')
    throw new ProblemError('user_blocked', 'This user is blocked. Only an operator can change that.')
}

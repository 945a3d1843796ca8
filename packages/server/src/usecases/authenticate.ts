import type { SessionId, UserId } from '../domain/ids.ts'
import { ProblemError } from '../domain/problem-error.ts'
import { isOver, type Lifetimes } from '../domain/session.ts'
import { refuseBlocked } from '../domain/user-blocked.ts'
import type { Clock } from '../ports/clock.ts'
import type { Sessions } from '../ports/sessions.ts'
import type { Tokens } from '../ports/tokens.ts'

/** Whoever makes a request: what a route works on instead of ids from the request (threats T03, T34). */
export interface Person {
  /** The user; after a unification the survivor, whatever the token says. */
  userId: UserId
  /** The signed-in device. */
  sessionId: SessionId
  /** The app that they came in through. */
  appId: string
}

export interface AuthenticateDeps {
  sessions: Sessions
  tokens: Tokens
  clock: Clock
  lifetimes: Lifetimes
}

/**
 * The person behind an access token, if their session still lives: a logout, a block or a deletion counts at once.
 *
 * @throws {ProblemError} `token_invalid`, `token_expired`, `user_blocked`
 */
export async function authenticate(deps: AuthenticateDeps, accessToken: string): Promise<Person> {
  const now = deps.clock.now()
  const claims = await deps.tokens.readAccess(accessToken, now)
  const found = await deps.sessions.find(claims.sessionId)
  if (found) refuseBlocked(found.user)
  if (!found || found.session.ended || found.user.status !== 'active' || isOver(found.session, now, deps.lifetimes)) {
    throw new ProblemError('token_invalid', 'The session of this token has ended. Log in again.')
  }
  // After a unification the token still bears the former id; its session knows whose it is now.
  return { userId: found.user.id, sessionId: claims.sessionId, appId: claims.appId }
}

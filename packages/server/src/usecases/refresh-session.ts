import type { Act } from '../domain/act.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Lifetimes } from '../domain/session.ts'
import { refuseBlocked } from '../domain/user-blocked.ts'
import type { Directory } from '../ports/directory.ts'
import type { Sessions } from '../ports/sessions.ts'
import type { Tokens } from '../ports/tokens.ts'
import { issueTokens } from './issue-tokens.ts'
import type { SignedIn } from './login-result.ts'
import { type RecordRepeatDeps, recordRepeat } from './record-repeat.ts'

export interface RefreshDeps extends RecordRepeatDeps {
  sessions: Sessions
  tokens: Tokens
  directory: Directory
  lifetimes: Lifetimes
}

export interface RefreshInput {
  act: Act
  refreshToken: string
  /** The caller's address block, where known. */
  clientAddress: string | undefined
}

/**
 * Exchanges a refresh token for the next and a fresh access token. The direct predecessor may come again for 30 s, until
 * its successor is used, and gives the same successor: a lost answer logs nobody out.
 *
 * @throws {ProblemError} `token_invalid`, `token_expired`, `refresh_reused` (the session is over), `user_blocked`
 */
export async function refreshSession(deps: RefreshDeps, input: RefreshInput): Promise<SignedIn> {
  const { act, refreshToken, clientAddress } = input
  const presented = deps.tokens.readRefresh(refreshToken)
  if (!presented) throw invalid()
  const { verdict, session, user } = await deps.sessions.refresh({
    act,
    sessionId: presented.sessionId,
    presented: presented.step,
    next: deps.tokens.nextStep(),
    lifetimes: deps.lifetimes,
  })
  if (user) refuseBlocked(user)
  switch (verdict) {
    case 'stolen':
    case 'late':
      throw new ProblemError(
        'refresh_reused',
        'This refresh token was used before, so its session has ended. Log in again.',
      )
    case 'expired':
      throw new ProblemError('token_expired', 'This session is over. Log in again.')
    case 'unknown':
      throw invalid()
    case 'rotate':
    case 'repeat': {
      const app = session && deps.directory.app(session.appId)
      if (!app || !user) throw invalid()
      if (verdict === 'repeat') await recordRepeat(deps, { act, session, clientAddress })
      return issueTokens(deps, { app, now: act.now, user: { ...user, isNew: false }, session })
    }
  }
}

const invalid = (): ProblemError =>
  new ProblemError('token_invalid', 'This is not a refresh token of a live session. Log in again.')

import { type Act, actBy, userActor } from '../domain/act.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Sessions } from '../ports/sessions.ts'
import type { Tokens } from '../ports/tokens.ts'

export interface LogOutDeps {
  sessions: Sessions
  tokens: Tokens
}

/**
 * Ends the session that a refresh token belongs to; quietly does nothing when there is none left to end.
 *
 * @throws {ProblemError} `token_invalid`
 */
export async function logOutByRefreshToken(
  { sessions, tokens }: LogOutDeps,
  { act, refreshToken }: { act: Act; refreshToken: string },
): Promise<void> {
  const presented = await tokens.readRefresh(refreshToken)
  if (!presented) throw new ProblemError('token_invalid', 'This is not a refresh token of ours.')
  const found = await sessions.find(presented.sessionId)
  if (!found || found.session.ended) return
  const { id: userId } = found.user
  await sessions.end({ act: actBy(act, userActor(userId)), userId, sessionId: presented.sessionId, reason: 'logout' })
}

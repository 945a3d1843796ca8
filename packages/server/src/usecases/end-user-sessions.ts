import type { Act } from '../domain/act.ts'
import { isSessionId } from '../domain/ids.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Sessions } from '../ports/sessions.ts'
import type { Users } from '../ports/users.ts'
import { getUser } from './get-user.ts'

export interface EndUserSessionsDeps {
  users: Users
  sessions: Sessions
}

/**
 * Signs a user out everywhere, or on the one device that is named.
 *
 * @throws {ProblemError} `invalid_request`, `not_found` (also when it is not a live session of theirs)
 */
export async function endUserSessions(
  deps: EndUserSessionsDeps,
  { act, id, sessionId }: { act: Act; id: string; sessionId?: string | undefined },
): Promise<{ ended: number }> {
  const { user } = await getUser(deps, id)
  if (sessionId !== undefined) {
    const isTheirs =
      isSessionId(sessionId) && (await deps.sessions.end({ act, userId: user.id, sessionId, reason: 'operator' }))
    if (!isTheirs) throw new ProblemError('not_found', 'The user has no such live session.')
    return { ended: 1 }
  }
  return { ended: await deps.sessions.endAll({ act, userId: user.id, reason: 'operator' }) }
}

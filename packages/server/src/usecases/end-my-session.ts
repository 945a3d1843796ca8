import type { Act } from '../domain/act.ts'
import { isSessionId } from '../domain/ids.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Sessions } from '../ports/sessions.ts'
import type { Person } from './authenticate.ts'

/** Signs a person out on one of their devices. @throws {ProblemError} `not_found` when it is not a live session of theirs */
export async function endMySession(
  { sessions }: { sessions: Sessions },
  { act, person, sessionId }: { act: Act; person: Person; sessionId: string },
): Promise<void> {
  const { userId } = person
  const isMine = isSessionId(sessionId) && (await sessions.end({ act, userId, sessionId, reason: 'logout' }))
  if (!isMine) throw new ProblemError('not_found', 'You have no such session.')
}

import type { Act } from '../domain/act.ts'
import type { Sessions } from '../ports/sessions.ts'
import type { Users } from '../ports/users.ts'
import { getUser } from './get-user.ts'

export interface EndUserSessionsDeps {
  users: Users
  sessions: Sessions
}

/** Signs a user out everywhere. @throws {ProblemError} `invalid_request`, `not_found` */
export async function endUserSessions(
  deps: EndUserSessionsDeps,
  { act, id }: { act: Act; id: string },
): Promise<{ ended: number }> {
  const { user } = await getUser(deps, id)
  return { ended: await deps.sessions.endAll({ act, userId: user.id, reason: 'operator' }) }
}

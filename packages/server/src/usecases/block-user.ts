import type { Act } from '../domain/act.ts'
import { noSuchUser } from '../domain/no-such.ts'
import type { Users, UserView } from '../ports/users.ts'
import { getUser } from './get-user.ts'

/** Bars a user and ends every session. @throws {ProblemError} `invalid_request`, `not_found` */
export async function blockUser(deps: { users: Users }, { act, id }: { act: Act; id: string }): Promise<UserView> {
  const { user } = await getUser(deps, id)
  if (!(await deps.users.block({ act, userId: user.id }))) throw noSuchUser()
  return getUser(deps, user.id)
}

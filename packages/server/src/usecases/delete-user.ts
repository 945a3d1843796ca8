import type { Act } from '../domain/act.ts'
import { noSuchUser } from '../domain/no-such.ts'
import type { Users } from '../ports/users.ts'
import { getUser } from './get-user.ts'

/** Detaches a user from everything that named the person. @throws {ProblemError} `invalid_request`, `not_found` */
export async function deleteUser(deps: { users: Users }, { act, id }: { act: Act; id: string }): Promise<void> {
  const { user } = await getUser(deps, id)
  if (!(await deps.users.delete({ act, userId: user.id }))) throw noSuchUser()
}

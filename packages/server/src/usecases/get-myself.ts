import { ProblemError } from '../domain/problem-error.ts'
import type { Users, UserView } from '../ports/users.ts'
import type { Person } from './authenticate.ts'

/** What a person may know about themselves. @throws {ProblemError} `token_invalid` */
export async function getMyself({ users }: { users: Users }, { userId }: Person): Promise<UserView> {
  const found = await users.find(userId)
  if (!found) throw new ProblemError('token_invalid', 'The user of this token is gone.')
  return found
}

import { isUserId, type UserId } from '../domain/ids.ts'
import { noSuchUser } from '../domain/no-such.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Users, UserView } from '../ports/users.ts'

/** A tombstoned id answers with the survivor. @throws {ProblemError} `invalid_request`, `not_found` */
export async function getUser({ users }: { users: Users }, id: string): Promise<UserView> {
  const found = await users.find(readUserId(id))
  if (!found) throw noSuchUser()
  return found
}

export function readUserId(raw: string): UserId {
  if (isUserId(raw)) return raw
  throw new ProblemError('invalid_request', 'Wrong: user id (usr_ and 26 characters).')
}

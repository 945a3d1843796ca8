import { ProblemError } from './problem-error.ts'
import type { UserStatus } from './user.ts'

export const userBlocked = (): ProblemError =>
  new ProblemError('user_blocked', 'This user is blocked. Only an operator can change that.')

/** @throws {ProblemError} `user_blocked` */
export function refuseBlocked({ status }: { status: UserStatus }): void {
  if (status === 'blocked') throw userBlocked()
}

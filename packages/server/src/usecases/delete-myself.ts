import type { Act } from '../domain/act.ts'
import { DAY } from '../domain/time.ts'
import type { Users } from '../ports/users.ts'
import type { Person } from './authenticate.ts'

/**
 * Detaches and signs out at once. Returns when the last traces, such as those in the write-ahead log, are gone, in
 * milliseconds since 1970.
 */
export async function deleteMyself(
  { users }: { users: Users },
  { act, person }: { act: Act; person: Person },
): Promise<{ erasedBy: number }> {
  await users.delete({ act, userId: person.userId })
  return { erasedBy: act.now + DAY }
}

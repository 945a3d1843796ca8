import { DAY } from '../domain/time.ts'
import { type ProvePresenceDeps, type ProvePresenceInput, provePresence } from './prove-presence.ts'

/**
 * Detaches and signs out at once, on fresh proof that it is the person who asks. Returns when the last traces, such as those in
 * the write-ahead log, are gone, in milliseconds since 1970.
 *
 * @throws {ProblemError} as `provePresence` does
 */
export async function deleteMyself(deps: ProvePresenceDeps, input: ProvePresenceInput): Promise<{ erasedBy: number }> {
  await provePresence(deps, input)
  const { act, person } = input
  await deps.users.delete({ act, userId: person.userId })
  return { erasedBy: act.now + DAY }
}

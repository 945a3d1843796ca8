import type { Act } from '../domain/act.ts'
import { isCloudKeyId } from '../domain/ids.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Directory } from '../ports/directory.ts'
import type { Registry } from '../ports/registry.ts'

export interface RevokeCloudKeyDeps {
  registry: Registry
  directory: Directory
}

/**
 * Takes a key out of use, at once and everywhere: a login looks again when it commits. Says how many sessions ended.
 *
 * @throws {ProblemError} `not_found`
 */
export async function revokeCloudKey(
  { registry, directory }: RevokeCloudKeyDeps,
  { act, id, endSessions }: { act: Act; id: string; endSessions: boolean },
): Promise<{ ended: number }> {
  const revoked = isCloudKeyId(id) ? await registry.revokeCloudKey({ act, id, endSessions }) : 'unknown'
  if (revoked === 'unknown') throw new ProblemError('not_found', 'There is no such cloud key.')
  await directory.refresh()
  return revoked
}

import type { Act } from '../domain/act.ts'
import { masterKeyReplaced } from '../domain/master-key-replaced.ts'
import type { OwnKey } from '../ports/directory.ts'
import { ownKey } from './own-key.ts'
import { algorithmFor, type KeyDeps } from './rotate-key.ts'

/**
 * Ends a key at once: no process accepts a token of it a second later, and who checks tokens by the published keys follows
 * within a minute. If it was making tokens, another takes its place at once. For a key that leaked.
 *
 * @throws {ProblemError} `not_found`
 */
export async function retireKey(deps: KeyDeps, { act, number }: { act: Act; number: number }): Promise<OwnKey> {
  await deps.directory.refresh()
  const { purpose } = ownKey(deps.directory, number)
  const successor = deps.newKey(purpose, algorithmFor(purpose))
  const done = await deps.registry.retireKey({ act, number, reason: 'operator', successor })
  if (done === 'sealed_by_another') throw masterKeyReplaced()
  await deps.directory.refresh()
  return ownKey(deps.directory, number)
}

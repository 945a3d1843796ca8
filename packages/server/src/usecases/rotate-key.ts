import type { Act } from '../domain/act.ts'
import type { KeyPurpose } from '../domain/key-state.ts'
import { masterKeyReplaced } from '../domain/master-key-replaced.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Directory, OwnKey } from '../ports/directory.ts'
import type { NewKey, Registry } from '../ports/registry.ts'
import { ownKey } from './own-key.ts'

export interface KeyDeps {
  registry: Registry
  directory: Directory
  /** Makes and seals a key; of the configured algorithm, for signing. */
  newKey(purpose: KeyPurpose, algorithm?: string): NewKey
}

/** Refresh tokens are made with HMAC-SHA256, and nothing else. */
export const algorithmFor = (purpose: KeyPurpose): 'HS256' | undefined => (purpose === 'refresh' ? 'HS256' : undefined)

/**
 * Makes a new key. It is published at once and makes tokens a minute later; the one before then only checks its own, until
 * the last of them is over.
 *
 * @throws {ProblemError} `invalid_request`; `already_exists` while a new key is waiting already
 */
export async function rotateKey(deps: KeyDeps, { act, ...input }: { act: Act; purpose: string }): Promise<OwnKey> {
  const { purpose } = input
  if (purpose !== 'signing' && purpose !== 'refresh') {
    throw new ProblemError('invalid_request', 'Wrong: purpose (signing, refresh).')
  }
  const added = await deps.registry.addKey({ act, ...deps.newKey(purpose, algorithmFor(purpose)), another: true })
  if (added === 'sealed_by_another') throw masterKeyReplaced()
  if (added === 'not_needed') {
    throw new ProblemError('already_exists', 'A new key is waiting already; it makes tokens within a minute.')
  }
  await deps.directory.refresh()
  return ownKey(deps.directory, added)
}

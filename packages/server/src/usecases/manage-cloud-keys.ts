import { type CloudKey, readPublicJwk } from '../domain/cloud-key.ts'
import { isCloudKeyId, newId } from '../domain/ids.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { Directory } from '../ports/directory.ts'
import type { Registry } from '../ports/registry.ts'
import { readAppId } from './manage-setup.ts'

export interface CloudKeyDeps {
  registry: Registry
  directory: Directory
  clock: Clock
}

/**
 * Lets whoever holds the private half speak for any openid of this app.
 *
 * @throws {ProblemError} `invalid_request`, `app_unknown`
 */
export async function addCloudKey(
  { registry, directory, clock }: CloudKeyDeps,
  input: { appId: string; unionid: string; publicJwk: string; requestId: string },
): Promise<CloudKey> {
  if (input.unionid !== 'trust' && input.unionid !== 'ignore') {
    throw new ProblemError(
      'invalid_request',
      'Wrong: unionid (trust: the unionids it vouches for count in full; ignore: they do not).',
    )
  }
  const now = clock.now()
  const key: CloudKey = {
    id: newId('ck', now),
    appId: readAppId(input.appId),
    publicJwk: readPublicJwk(input.publicJwk),
    trustsUnionid: input.unionid === 'trust',
    createdAt: now,
    revokedAt: undefined,
  }
  const added = await registry.addCloudKey({ act: { actor: 'operator', requestId: input.requestId, now }, key })
  if (added === 'app_unknown') throw new ProblemError('app_unknown', 'There is no such app.')
  await directory.refresh()
  return key
}

/** Takes a key out of use, at once and everywhere: a login looks again when it commits. @throws {ProblemError} `not_found` */
export async function revokeCloudKey(
  { registry, directory, clock }: CloudKeyDeps,
  { id, endSessions, requestId }: { id: string; endSessions: boolean; requestId: string },
): Promise<{ ended: number }> {
  const act = { actor: 'operator', requestId, now: clock.now() }
  const revoked = isCloudKeyId(id) ? await registry.revokeCloudKey({ act, id, endSessions }) : 'unknown'
  if (revoked === 'unknown') throw new ProblemError('not_found', 'There is no such cloud key.')
  await directory.refresh()
  return revoked
}

import type { Act } from '../domain/act.ts'
import { readAppId } from '../domain/app-fields.ts'
import { type CloudKey, readPublicJwk } from '../domain/cloud-key.ts'
import { newId } from '../domain/ids.ts'
import { noSuchApp } from '../domain/no-such.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Directory } from '../ports/directory.ts'
import type { Registry } from '../ports/registry.ts'

export interface AddCloudKeyDeps {
  registry: Registry
  directory: Directory
}

/**
 * Lets whoever holds the private half speak for any openid of this app.
 *
 * @throws {ProblemError} `invalid_request`, `app_unknown`
 */
export async function addCloudKey(
  { registry, directory }: AddCloudKeyDeps,
  { act, ...input }: { act: Act; appId: string; unionid: string; publicJwk: string },
): Promise<CloudKey> {
  if (input.unionid !== 'trust' && input.unionid !== 'ignore') {
    throw new ProblemError(
      'invalid_request',
      'Wrong: unionid (trust: the unionids it vouches for count in full; ignore: they do not).',
    )
  }
  const key: CloudKey = {
    id: newId('ck', act.now),
    appId: readAppId(input.appId),
    publicJwk: readPublicJwk(input.publicJwk),
    trustsUnionid: input.unionid === 'trust',
    createdAt: act.now,
    revokedAt: undefined,
  }
  if ((await registry.addCloudKey({ act, key })) === 'app_unknown') throw noSuchApp()
  await directory.refresh()
  return key
}

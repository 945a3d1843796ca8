import type { AppId } from '@hufu/wechat/words'
import { IdentityError } from '../domain/errors.ts'
import { newId } from '../domain/ids.ts'
import type { Clock } from '../ports/clock.ts'
import type { Directory } from '../ports/directory.ts'
import type { CloudKey, Registry } from '../ports/registry.ts'

export interface CloudKeyDeps {
  registry: Registry
  directory: Directory
  clock: Clock
}

/**
 * Lets whoever holds the private half speak for any openid of this app.
 *
 * @throws {IdentityError} `invalid_request`, `app_unknown`
 */
export async function addCloudKey(
  { registry, directory, clock }: CloudKeyDeps,
  input: { appId: string; unionid: string; publicJwk: string; requestId: string },
): Promise<CloudKey> {
  if (input.unionid !== 'trust' && input.unionid !== 'ignore') {
    throw new IdentityError(
      'invalid_request',
      'Wrong: unionid (trust: the unionids it vouches for count in full; ignore: they do not).',
    )
  }
  const now = clock.now()
  const key: CloudKey = {
    id: newId('ck', now),
    appId: input.appId as AppId,
    publicJwk: readPublicJwk(input.publicJwk),
    unionId: input.unionid,
    createdAt: now,
    revokedAt: undefined,
  }
  const added = await registry.addCloudKey({ act: { actor: 'operator', requestId: input.requestId, now }, key })
  if (added === 'app_unknown') throw new IdentityError('app_unknown', 'There is no such app.')
  await directory.refresh()
  return key
}

/** Revokes a key, at once on this process and within a second on all. @throws {IdentityError} `not_found` */
export async function revokeCloudKey(
  { registry, directory, clock }: CloudKeyDeps,
  input: { id: string; endSessions: boolean; requestId: string },
): Promise<{ ended: number }> {
  const key = directory.cloudKey(input.id)
  const act = { actor: 'operator', requestId: input.requestId, now: clock.now() }
  const revoked = key
    ? await registry.revokeCloudKey({ act, appId: key.appId, id: key.id, endSessions: input.endSessions })
    : 'unknown'
  if (revoked === 'unknown') throw new IdentityError('not_found', 'There is no such cloud key.')
  await directory.refresh()
  return revoked
}

/** Only what a public key needs: a private member would be a secret that we never asked for. */
function readPublicJwk(raw: string): string {
  const wrong = new IdentityError(
    'invalid_request',
    'Wrong: publicJwk (the public half of an Ed25519 or P-256 key, as JSON).',
  )
  let jwk: unknown
  try {
    jwk = JSON.parse(raw)
  } catch {
    throw wrong
  }
  if (typeof jwk !== 'object' || jwk === null || 'd' in jwk) throw wrong
  const { kty, crv, x, y } = jwk as Record<string, unknown>
  const coordinate = (value: unknown): value is string => typeof value === 'string' && /^[\w-]{43}$/.test(value)
  if (kty === 'OKP' && crv === 'Ed25519' && coordinate(x)) return JSON.stringify({ kty, crv, x })
  if (kty === 'EC' && crv === 'P-256' && coordinate(x) && coordinate(y)) return JSON.stringify({ kty, crv, x, y })
  throw wrong
}

import { createPublicKey } from 'node:crypto'
import type { AppId } from '@hufu/wechat/words'
import { isBase64url } from './base64url.ts'
import { ProblemError } from './problem-error.ts'

/** Whoever holds the private half may speak for any openid of this app; we hold the public half only. */
export interface CloudKey {
  id: string
  appId: AppId
  /** Public JWK, as JSON. */
  publicJwk: string
  /** Whether a unionid in its assertions may attach, link and unify. */
  trustsUnionid: boolean
  createdAt: number
  revokedAt: number | undefined
}

/** The one algorithm of this key: an assertion does not choose (threat T22). */
export const algorithmOf = ({ publicJwk }: Pick<CloudKey, 'publicJwk'>): 'EdDSA' | 'ES256' =>
  JSON.parse(publicJwk).kty === 'OKP' ? 'EdDSA' : 'ES256'

/**
 * Keeps what a public key needs and nothing else.
 *
 * @throws {ProblemError} `invalid_request`, also for a private key: that would be a secret nobody asked for.
 */
export function readPublicJwk(raw: string): string {
  try {
    const { kty, crv, x, y, d } = JSON.parse(raw)
    const kept = kty === 'OKP' ? { kty, crv, x } : { kty, crv, x, y }
    const known = (kty === 'OKP' && crv === 'Ed25519') || (kty === 'EC' && crv === 'P-256')
    const exact = [x, ...(kty === 'EC' ? [y] : [])].every((one) => /^[\w-]{43}$/.test(one) && isBase64url(one))
    if (!known || !exact || d !== undefined) throw new TypeError('not a public key of ours')
    createPublicKey({ key: kept, format: 'jwk' }) // not every x and y are a point on the curve
    return JSON.stringify(kept)
  } catch {
    throw new ProblemError(
      'invalid_request',
      'Wrong: publicJwk (the public half of an Ed25519 or P-256 key, as JSON text).',
    )
  }
}

import { randomBytes } from 'crypto'
import { base64url } from './base64url.ts'
import type { Person } from './caller.ts'
import type { CloudKey } from './cloud-key.ts'

const lifetimeSeconds = 60

/**
 * Writes down, signed, that this person is calling: a JWT in the manner of RFC 7523, good for one login within a minute.
 *
 * @param audience the issuer URL of the Hufu server that shall believe it.
 * @param now milliseconds since 1970.
 */
export function signAssertion(key: CloudKey, person: Person, audience: string, now: number): string {
  const iat = Math.floor(now / 1000)
  const header = { alg: key.alg, kid: key.kid, typ: 'JWT' }
  const claims = {
    iss: person.appid,
    sub: person.openid,
    aud: audience,
    iat,
    exp: iat + lifetimeSeconds,
    jti: base64url(randomBytes(18)),
    ...(person.unionid === null ? {} : { unionid: person.unionid }),
  }
  const input = [header, claims].map((part) => base64url(Buffer.from(JSON.stringify(part)))).join('.')
  return `${input}.${base64url(key.sign(input))}`
}

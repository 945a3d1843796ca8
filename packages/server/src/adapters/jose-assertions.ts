import { createPublicKey } from 'node:crypto'
import { openId, unionId } from '@hufu/wechat/words'
import { type JWTPayload, type JWTVerifyResult, jwtVerify } from 'jose'
import { IdentityError } from '../domain/errors.ts'
import type { Assertions, VouchedFor } from '../ports/assertions.ts'
import type { Directory } from '../ports/directory.ts'
import type { Log } from '../ports/log.ts'
import type { CloudKey } from '../ports/registry.ts'

const LEEWAY_SECONDS = 30
const LONGEST_LIFE_SECONDS = 60
const MOST_CHARACTERS = 8192

/**
 * Assertions of cloud functions: JWTs in the manner of RFC 7523, signed with a key whose public half we hold. The caller
 * hears one answer whatever is wrong; the log tells the operator more.
 */
export function joseAssertions({
  directory,
  issuer,
  log,
}: {
  directory: Directory
  issuer: string
  log: Log
}): Assertions {
  return {
    async read(assertion, now) {
      try {
        return await readAssertion(directory, issuer, assertion, now)
      } catch (error) {
        log.info('assertion_refused', { reason: error instanceof Refusal ? error.message : 'not a valid signed JWT' })
        throw new IdentityError(
          'assertion_invalid',
          'This assertion does not let anybody in. Sign a fresh one for every login.',
        )
      }
    },
  }
}

class Refusal extends Error {}

async function readAssertion(
  directory: Directory,
  issuer: string,
  assertion: string,
  now: number,
): Promise<VouchedFor> {
  if (assertion.length > MOST_CHARACTERS) throw new Refusal('too long')
  let key: CloudKey | undefined
  const { payload }: JWTVerifyResult = await jwtVerify(
    assertion,
    ({ kid, alg }) => {
      key = kid === undefined ? undefined : directory.cloudKey(kid)
      if (!key || key.revokedAt !== undefined) throw new Refusal('no such key, or a revoked one')
      if (alg !== algorithmOf(key)) throw new Refusal('an algorithm that is not the key’s')
      return createPublicKey({ key: JSON.parse(key.publicJwk), format: 'jwk' })
    },
    {
      algorithms: ['EdDSA', 'ES256'],
      typ: 'JWT',
      audience: issuer,
      clockTolerance: LEEWAY_SECONDS,
      currentDate: new Date(now),
      requiredClaims: ['iss', 'sub', 'aud', 'iat', 'exp', 'jti'],
    },
  )
  const app = key && directory.app(key.appId)
  if (!key || !app || payload.iss !== key.appId) throw new Refusal('the key belongs to another app')
  return { app, key, ...readClaims(payload, now) }
}

function readClaims({ sub, aud, iat = 0, exp = 0, jti, unionid }: JWTPayload, now: number) {
  if (typeof aud !== 'string') throw new Refusal('more than one audience')
  if (exp - iat > LONGEST_LIFE_SECONDS || exp <= iat) throw new Refusal('a life of more than a minute')
  if (iat * 1000 > now + LEEWAY_SECONDS * 1000) throw new Refusal('made in the future')
  if (typeof jti !== 'string' || !/^[\w-]{16,128}$/.test(jti)) throw new Refusal('no usable jti')
  return {
    openId: openId(sub),
    unionId: unionid === undefined ? undefined : unionId(unionid),
    jti,
    expiresAt: (exp + LEEWAY_SECONDS) * 1000,
  }
}

const algorithmOf = ({ publicJwk }: CloudKey): 'EdDSA' | 'ES256' =>
  JSON.parse(publicJwk).kty === 'OKP' ? 'EdDSA' : 'ES256'

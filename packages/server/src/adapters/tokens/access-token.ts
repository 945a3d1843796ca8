import { sign } from 'node:crypto'
import type { JWTPayload } from 'jose'
import { JWTExpired } from 'jose/errors'
import { jwtVerify } from 'jose/jwt/verify'
import { isCompactJws } from '../../domain/base64url.ts'
import { isSessionId, isUserId } from '../../domain/ids.ts'
import { ProblemError } from '../../domain/problem-error.ts'
import { randomBytes } from '../../domain/random.ts'
import type { AccessClaims } from '../../ports/tokens.ts'
import type { SigningKey } from './keyring.ts'

export interface AccessTokenRules {
  issuer: string
  /** The audience of a realm's tokens. */
  audience(realmId: string): string
  /** Seconds. */
  life: number
  /** Marks every token as worthless outside development. */
  test: boolean
}

const MOST_CHARACTERS = 8192

/** A JWT as RFC 9068 says, signed off the main thread. */
export function signAccessToken(
  key: SigningKey,
  { issuer, audience, life, test }: AccessTokenRules,
  claims: AccessClaims,
  now: number,
): Promise<string> {
  const iat = Math.floor(now / 1000)
  const body = encode({
    iss: issuer,
    sub: claims.userId,
    aud: audience(claims.realmId),
    exp: iat + life,
    iat,
    jti: Buffer.from(randomBytes(15)).toString('base64url'),
    client_id: claims.appId,
    sid: claims.sessionId,
    realm: claims.realmId,
    ...(test ? { test: true } : {}),
  })
  const signed = `${headerOf(key)}.${body}`
  const digest = key.algorithm === 'EdDSA' ? null : 'sha256'
  return new Promise((resolve, reject) => {
    sign(digest, Buffer.from(signed), key.privateKey, (error, signature) => {
      if (error) reject(error)
      else resolve(`${signed}.${signature.toString('base64url')}`)
    })
  })
}

const headers = new WeakMap<SigningKey, string>()
function headerOf(key: SigningKey): string {
  const known = headers.get(key)
  if (known) return known
  const header = encode({ alg: key.algorithm, typ: 'at+jwt', kid: key.kid })
  headers.set(key, header)
  return header
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/**
 * Checks one of our own access tokens. The key is found by `kid` among ours, and each key has one algorithm: nothing in
 * the token's header chooses how it is checked (threat T22).
 */
export async function verifyAccessToken(
  keys: SigningKey[],
  rules: AccessTokenRules,
  token: string,
  now: number,
): Promise<AccessClaims> {
  // The library decodes leniently: without the second check a token would have many spellings.
  if (token.length > MOST_CHARACTERS || !isCompactJws(token)) throw invalid()
  const { payload } = await jwtVerify(
    token,
    (header) => {
      const key = keys.find((one) => one.kid === header.kid && one.algorithm === header.alg)
      if (!key || header.crit) throw invalid()
      return key.publicKey
    },
    {
      algorithms: ['ES256', 'EdDSA', 'RS256'],
      typ: 'at+jwt',
      issuer: rules.issuer,
      requiredClaims: ['sub', 'aud', 'exp', 'iat', 'jti', 'client_id', 'sid', 'realm'],
      currentDate: new Date(now),
    },
  ).catch((error: unknown) => {
    throw error instanceof JWTExpired
      ? new ProblemError('token_expired', 'This access token is over. Refresh it.')
      : invalid()
  })
  return readClaims(payload, rules, now)
}

function readClaims(payload: JWTPayload, rules: AccessTokenRules, now: number): AccessClaims {
  const { sub, sid, client_id: appId, realm, aud, iat = 0, exp, jti, test } = payload
  const ok =
    typeof sub === 'string' &&
    isUserId(sub) &&
    typeof sid === 'string' &&
    isSessionId(sid) &&
    typeof appId === 'string' &&
    typeof realm === 'string' &&
    typeof jti === 'string' &&
    aud === rules.audience(realm) &&
    iat * 1000 <= now + 30_000 &&
    Number.isSafeInteger(exp) && // 1e999 is JSON too
    (test === true) === rules.test
  if (!ok) throw invalid()
  return { userId: sub, sessionId: sid, appId, realmId: realm }
}

const invalid = (): ProblemError => new ProblemError('token_invalid', 'This is not an access token of this server.')

import { type AppId, type OpenId, openid as readOpenid, unionid as readUnionid, type UnionId } from '@hufu/wechat/words'
import { ProblemError } from './problem-error.ts'

/** How far apart the clocks of a cloud function and of this server may be, and how long an assertion may live. Seconds. */
export const LEEWAY = 30
export const LONGEST_LIFE = 60

/** What an assertion may say; `unionid` may be absent. */
export const CLAIMS = ['iss', 'sub', 'aud', 'iat', 'exp', 'jti', 'unionid']

/** What a cloud function says of its caller. */
export interface AssertedCaller {
  openid: OpenId
  unionid: UnionId | undefined
  /** Works once for each key. */
  jti: string
  /** Milliseconds since 1970, leeway included: afterwards the assertion is refused for its age. */
  expiresAt: number
}

/**
 * Reads the claims of an assertion whose signature was checked: a JWT in the manner of RFC 7523 for one person, one
 * server and one minute.
 *
 * @param expected `appId`: of the key that signed; `now`: milliseconds since 1970
 * @throws {TypeError} saying what is wrong, for the log
 */
export function readAssertedCaller(
  { iss, sub, aud, iat, exp, jti, unionid }: Readonly<Record<string, unknown>>,
  { appId, issuer, now }: { appId: AppId; issuer: string; now: number },
): AssertedCaller {
  if (iss !== appId) throw new TypeError('the key belongs to another app')
  if (aud !== issuer) throw new TypeError('meant for another server: aud is not HUFU_ISSUER')
  if (!isTime(iat) || !isTime(exp)) throw new TypeError('no usable iat or exp')
  if (exp <= iat || exp - iat > LONGEST_LIFE) throw new TypeError(`a life of other than 1 to ${LONGEST_LIFE} s`)
  if (iat * 1000 > now + LEEWAY * 1000) throw new TypeError('made in the future: look at the clocks')
  const expiresAt = (exp + LEEWAY) * 1000
  if (expiresAt <= now) throw new TypeError('expired')
  if (typeof jti !== 'string' || !/^[\w-]{16,128}$/.test(jti)) throw new TypeError('no usable jti')
  return { openid: readOpenid(sub), unionid: unionid === undefined ? undefined : readUnionid(unionid), jti, expiresAt }
}

const isTime = (value: unknown): value is number => Number.isSafeInteger(value)

/** The one answer to every assertion that lets nobody in; the log tells the operator more. */
export const assertionInvalid = (): ProblemError =>
  new ProblemError('assertion_invalid', 'This assertion does not let anybody in. Sign a fresh one for every login.')

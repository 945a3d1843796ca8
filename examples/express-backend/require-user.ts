import type { RequestHandler } from 'express'
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'

export interface Trust {
  /** Hufu's HUFU_ISSUER. */
  issuer: string
  /** Hufu's HUFU_AUDIENCE: `<issuer>/realms/<realm>` unless it was set. */
  audience: string
  /** Where Hufu is, where this machine reaches it under another address than `issuer`. */
  server?: string
  /** Says no to a token that is genuine; by its id. */
  isRefused?: (tokenId: string) => boolean
  now?: () => Date
}

/** Who is calling, as the token says. */
export interface Person {
  /** Hufu's user id: hang your rows on it, never on an openid. */
  userId: string
  /** The mini program they are in. */
  appId: string
  tokenId: string
}

/**
 * Lets a request pass when it bears an access token that Hufu signed for us, and puts who it is into
 * `response.locals.person`. Otherwise answers 401, at which the mini program's SDK brings a new token by itself.
 *
 * The keys are fetched once and kept. A Hufu that cannot be reached is no reason to doubt anybody: that is a 503.
 */
export function requireUser(trust: Trust): RequestHandler {
  const { issuer, audience, server = issuer, isRefused = () => false, now = () => new Date() } = trust
  const keys = createRemoteJWKSet(new URL(`${server}/.well-known/jwks.json`))
  return async (request, response, next) => {
    const token = /^Bearer ([\w.-]+)$/i.exec(request.get('authorization') ?? '')?.[1]
    if (token === undefined) return void refuse('token_missing')
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        typ: 'at+jwt', // RFC 9068: no other kind of token will do
        algorithms: ['ES256', 'EdDSA', 'RS256'],
        requiredClaims: ['exp'],
        currentDate: now(),
      })
      const { sub, client_id: appId, jti } = payload
      if (typeof sub !== 'string' || typeof appId !== 'string' || typeof jti !== 'string')
        return void refuse('token_invalid')
      if (isRefused(jti)) return void refuse('token_expired')
      response.locals.person = { userId: sub, appId, tokenId: jti } satisfies Person
      next()
    } catch (error) {
      if (error instanceof errors.JWTExpired) refuse('token_expired')
      else if (isBadToken(error)) refuse('token_invalid')
      else response.status(503).json({ error: 'keys_unavailable' })
    }

    function refuse(error: string) {
      response.status(401).set('www-authenticate', 'Bearer error="invalid_token"').json({ error })
    }
  }
}

/** Everything that is wrong with the token itself, and not with the way to its keys. */
const isBadToken = (error: unknown) =>
  [
    errors.JWTInvalid,
    errors.JWTClaimValidationFailed,
    errors.JWSInvalid,
    errors.JWSSignatureVerificationFailed,
    errors.JWKSNoMatchingKey,
    errors.JOSEAlgNotAllowed,
    errors.JOSENotSupported,
  ].some((kind) => error instanceof kind)

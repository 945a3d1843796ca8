import type { SessionId, UserId } from '../domain/ids.ts'
import type { RefreshStep } from '../domain/session.ts'

/** What an access token says, besides issuer and times. */
export interface AccessClaims {
  userId: UserId
  sessionId: SessionId
  /** AppID, as `client_id`. */
  appId: string
  realmId: string
}

export interface Tokens {
  /** A JWT as RFC 9068 says, signed off the main thread. Life in seconds. */
  issueAccess(claims: AccessClaims, now: number): Promise<{ token: string; expiresIn: number }>
  /** @throws {ProblemError} `token_expired` when only its time is over, `token_invalid` for anything else. */
  readAccess(token: string, now: number): Promise<AccessClaims>
  /** A fresh salt and the current key: what the next refresh token is made from. */
  nextStep(now: number): Pick<RefreshStep, 'keyNumber' | 'salt'>
  /**
   * The refresh token of one step; the same step gives the same token.
   *
   * @throws {ProblemError} `token_invalid` when the key of that step is retired
   */
  refreshToken(sessionId: SessionId, step: RefreshStep): string
  /** What a refresh token was made from, or undefined when it is not one of ours, to the letter. */
  readRefresh(raw: string): Promise<{ sessionId: SessionId; step: RefreshStep } | undefined>
  /** The public halves of the signing keys that others need: those to come, the one in use, and those whose tokens live (RFC 7517). */
  jwks(): { keys: Record<string, unknown>[] }
}

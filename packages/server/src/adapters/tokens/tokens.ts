import { ProblemError } from '../../domain/problem-error.ts'
import { randomBytes } from '../../domain/random.ts'
import type { Tokens } from '../../ports/tokens.ts'
import { type AccessTokenRules, signAccessToken, verifyAccessToken } from './access-token.ts'
import type { Keyring, SigningAlgorithm, SigningKey } from './keyring.ts'
import { parseRefreshToken, writeRefreshToken } from './refresh-token.ts'

export interface TokenRules extends AccessTokenRules {
  algorithm: SigningAlgorithm
}

/** Tokens made with the keys of the database, as they are at each moment. */
export function keyedTokens(keys: () => Keyring, rules: TokenRules): Tokens {
  const accepted = (): SigningKey[] => keys().signing.filter(({ retiredAt }) => retiredAt === undefined)
  return {
    async issueAccess(claims, now) {
      const key = accepted().findLast(({ algorithm }) => algorithm === rules.algorithm)
      if (!key) throw noKey()
      return { token: await signAccessToken(key, rules, claims, now), expiresIn: rules.life }
    },
    readAccess: (token, now) => verifyAccessToken(accepted(), rules, token, now),
    nextStep() {
      const keyNumber = Math.max(...keys().refresh.keys())
      if (keyNumber < 1) throw noKey()
      return { keyNumber, salt: randomBytes(16) }
    },
    refreshToken(sessionId, step) {
      const key = keys().refresh.get(step.keyNumber)
      if (!key) throw noKey()
      return writeRefreshToken(key, sessionId, step)
    },
    readRefresh: (raw) => parseRefreshToken(keys().refresh, raw),
    jwks: () => ({ keys: accepted().map(({ publicJwk }) => ({ ...publicJwk })) }),
  }
}

const noKey = (): ProblemError =>
  new ProblemError('server_misconfigured', 'This server has no key to make tokens with.')

import { type KeyTimes, keyInUse } from '../../domain/key-state.ts'
import { ProblemError } from '../../domain/problem-error.ts'
import { randomBytes } from '../../domain/random.ts'
import type { Tokens } from '../../ports/tokens.ts'
import { type AccessTokenRules, signAccessToken, verifyAccessToken } from './access-token.ts'
import type { Keyring, SigningKey } from './keyring.ts'
import { keyNumberOf, parseRefreshToken, writeRefreshToken } from './refresh-token.ts'

/**
 * Tokens made with the keys of the database, as they are at each moment.
 *
 * @param look reads the keys again: another process may have made one a moment ago
 */
export function keyedTokens(keys: () => Keyring, rules: AccessTokenRules, look: () => Promise<void>): Tokens {
  const signing = (): SigningKey[] => keys().signing.filter(isAccepted)
  const refreshKey = (number: number) => keys().refresh.find((key) => key.number === number && isAccepted(key))
  const inUse = <Key extends KeyTimes>(ones: readonly Key[], now: number): Key => {
    const key = keyInUse(ones, now)
    if (!key) throw noKey()
    return key
  }
  return {
    async issueAccess(claims, now) {
      const key = inUse(keys().signing, now)
      return { token: await signAccessToken(key, rules, claims, now), expiresIn: rules.life }
    },
    readAccess: (token, now) => verifyAccessToken({ keys: () => keys().signing, look }, rules, token, now),
    nextStep: (now) => ({ keyNumber: inUse(keys().refresh, now).number, salt: randomBytes(16) }),
    refreshToken(sessionId, step) {
      const key = refreshKey(step.keyNumber)
      if (!key) throw retired()
      return writeRefreshToken(key.secret, sessionId, step)
    },
    async readRefresh(raw) {
      const number = keyNumberOf(raw)
      if (number === undefined) return undefined
      if (!keys().refresh.some((key) => key.number === number)) await look()
      const key = refreshKey(number)
      return key && parseRefreshToken(key.secret, raw)
    },
    jwks: () => ({ keys: signing().map(({ publicJwk }) => ({ ...publicJwk })) }),
  }
}

const isAccepted = ({ retiredAt }: KeyTimes): boolean => retiredAt === undefined

const noKey = (): ProblemError =>
  new ProblemError('server_misconfigured', 'This server has no key to make tokens with.')

const retired = (): ProblemError =>
  new ProblemError('token_invalid', 'The key of this session was retired. Log in again.')

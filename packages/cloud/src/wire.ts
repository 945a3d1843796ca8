// The words of @hufu/contract that this package's own types need, written once more: it ships without any dependency, and
// a type that points at a package which is not installed would silently be `any`. wire.test.ts holds the two together.

import type { ProblemCode } from './problem-codes.ts'

/** What Hufu answers to a login. */
export interface LoginReply {
  /** Goes in the `Authorization: Bearer` header and nowhere else. */
  accessToken: string
  /** As OAuth names it (RFC 6750). */
  tokenType: 'Bearer'
  /** Life of the access token in seconds. */
  expiresIn: number
  /** Works once: every refresh answers with the next one. */
  refreshToken: string
  /** The AppID of the app that the person came in through. */
  appId: string
  /** Left out when the server keeps WeChat's ids to itself. */
  openid?: string
  /** `null` where WeChat gave none; left out together with `openid`. */
  unionid?: string | null
  /** Whose session it is. */
  user: {
    /** `usr_…`: Hufu's own id. */
    id: string
    /** Whether this login created the user. */
    isNew: boolean
    /** Ids that this user bore before a unification, oldest first. */
    formerIds: string[]
  }
}

/** Why there is no session. Made by Hufu, or here in the same shape. */
export interface Problem {
  /** `/problems/<code>`. */
  type: string
  /** A short English name of the kind. */
  title: string
  /** The HTTP status that Hufu answered with; for a refusal that was made here, the one that belongs to `code`. */
  status: number
  /** What a program branches on. A newer server may send a code that is not in this set: go by `status` then. */
  code: ProblemCode
  /** What happened and what to do, for a developer. Quotes no value. */
  detail: string
  /** Names this request in the server's log; for a refusal that was made here, the invocation in the function's log. */
  requestId: string
  /** Seconds to wait before another try, where waiting helps. */
  retryAfter?: number
}

// The words of @hufu/contract that this package's own types need, written once more: it ships without any dependency, and
// a type that points at a package which is not installed would silently be `any`. wire.test.ts holds the two together.

/** What Hufu answers to a login. */
export interface LoginReply {
  /** Goes in the `Authorization: Bearer` header and nowhere else. */
  accessToken: string
  tokenType: 'Bearer'
  /** Life of the access token in seconds. */
  expiresIn: number
  /** Works once: every refresh answers with the next one. */
  refreshToken: string
  appId: string
  /** Left out when the server keeps WeChat's ids to itself. */
  openid?: string
  /** `null` where WeChat gave none; left out together with `openid`. */
  unionid?: string | null
  user: {
    /** `usr_…`: Hufu's own id. */
    id: string
    /** Whether this login created the user. */
    isNew: boolean
    /** Ids that this user bore before a unification, oldest first. */
    formerIds: string[]
  }
}

/** Every way to be refused, with the status each one travels with. */
export const statuses = {
  invalid_request: 400,
  open_data_invalid: 400,
  code_invalid: 401,
  code_spent: 401,
  token_invalid: 401,
  token_expired: 401,
  refresh_reused: 401,
  assertion_invalid: 401,
  user_blocked: 403,
  snapshot_user: 403,
  forbidden: 403,
  app_unknown: 404,
  not_found: 404,
  method_not_allowed: 405,
  already_exists: 409,
  identity_conflict: 409,
  session_key_stale: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  internal: 500,
  upstream_error: 502,
  server_misconfigured: 503,
  upstream_busy: 503,
  upstream_unavailable: 503,
  unavailable: 503,
} as const

export type ProblemCode = keyof typeof statuses

/** Why there is no session. Made by Hufu, or here in the same shape. */
export interface Problem {
  /** `/problems/<code>`. */
  type: string
  /** A short English name of the kind. */
  title: string
  status: number
  /** What a program branches on. */
  code: ProblemCode
  /** What happened and what to do, for a developer. Quotes no value. */
  detail: string
  /** Names this request in the server's log; for a refusal that was made here, the invocation in the function's log. */
  requestId: string
  /** Seconds to wait before another try, where waiting helps. */
  retryAfter?: number
}

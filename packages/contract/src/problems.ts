/** Every way Hufu can refuse; a closed set. The status each one travels with stands beside it. */
export type ProblemCode =
  | 'invalid_request' // 400
  | 'open_data_invalid' // 400
  | 'code_invalid' // 401: WeChat does not know the code, or it is too old: get a new one
  | 'code_spent' // 401: the code was used, or may have been: get a new one
  | 'token_invalid' // 401
  | 'token_expired' // 401
  | 'refresh_reused' // 401: this session is over: log in again
  | 'assertion_invalid' // 401
  | 'user_blocked' // 403
  | 'snapshot_user' // 403: a virtual account of WeChat's snapshot mode
  | 'forbidden' // 403
  | 'app_unknown' // 404
  | 'not_found' // 404
  | 'method_not_allowed' // 405
  | 'already_exists' // 409
  | 'identity_conflict' // 409
  | 'session_key_stale' // 409
  | 'payload_too_large' // 413
  | 'unsupported_media_type' // 415
  | 'rate_limited' // 429
  | 'internal' // 500
  | 'upstream_error' // 502
  | 'server_misconfigured' // 503: the operator's mistakes only
  | 'upstream_busy' // 503
  | 'upstream_unavailable' // 503
  | 'unavailable' // 503: Hufu's own database does not answer or cannot write: try again

/** The body of every error (RFC 9457, `application/problem+json`). */
export interface Problem {
  /** A path that names the kind of problem: `/problems/<code>`. */
  type: string
  /** A short English name of the kind. */
  title: string
  /** The HTTP status, repeated. */
  status: number
  /** What a program branches on. */
  code: ProblemCode
  /** What happened and what to do, for the developer of the caller. Quotes no value. */
  detail: string
  /** Names this request in the server's log. */
  requestId: string
  /** Seconds to wait before another try, where waiting helps. */
  retryAfter?: number
}

// Written by `npm run copies` from packages/contract/src/problem-codes.ts.

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
  login_required: 401,
  ticket_invalid: 401,
  user_blocked: 403,
  risk_refused: 403,
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
  headers_too_large: 431,
  internal: 500,
  upstream_error: 502,
  server_misconfigured: 503,
  upstream_busy: 503,
  upstream_unavailable: 503,
  unavailable: 503,
} as const

/** What a program branches on when it is refused. */
export type ProblemCode = keyof typeof statuses

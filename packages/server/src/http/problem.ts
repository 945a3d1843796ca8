import type { Problem, ProblemCode } from '@hufu/contract'
import { ProblemError } from '../domain/problem-error.ts'
import type { Log } from '../ports/log.ts'

/** What each code travels as; a code of the contract without a line here does not compile. */
const KINDS = {
  invalid_request: [400, 'Request not understood'],
  open_data_invalid: [400, 'Open data not valid'],
  code_invalid: [401, 'Code not valid'],
  code_spent: [401, 'Code used'],
  token_invalid: [401, 'Token not valid'],
  token_expired: [401, 'Token expired'],
  refresh_reused: [401, 'Refresh token reused'],
  assertion_invalid: [401, 'Assertion not valid'],
  user_blocked: [403, 'User blocked'],
  snapshot_user: [403, 'Snapshot user'],
  forbidden: [403, 'Not allowed'],
  app_unknown: [404, 'App unknown'],
  not_found: [404, 'Not found'],
  method_not_allowed: [405, 'Method not allowed'],
  already_exists: [409, 'Already exists'],
  identity_conflict: [409, 'Identity conflict'],
  session_key_stale: [409, 'session_key stale'],
  payload_too_large: [413, 'Body too large'],
  unsupported_media_type: [415, 'Media type not supported'],
  rate_limited: [429, 'Too many requests'],
  internal: [500, 'Internal error'],
  upstream_error: [502, 'WeChat answered oddly'],
  server_misconfigured: [503, 'Server not in order'],
  upstream_busy: [503, 'WeChat busy'],
  upstream_unavailable: [503, 'WeChat unreachable'],
  unavailable: [503, 'Database away'],
} as const satisfies Record<ProblemCode, readonly [status: number, title: string]>

/** RFC 6750 §3.1: what a bearer route says about the token. */
const BEARER_ERRORS: Partial<Record<ProblemCode, string>> = {
  token_invalid: 'invalid_token',
  token_expired: 'invalid_token',
}

/** Turns whatever was thrown into a response. What is not ours says nothing to the caller and everything to the log. */
export function problemResponse(thrown: unknown, { requestId, log }: { requestId: string; log: Log }): Response {
  const error = thrown instanceof ProblemError ? thrown : internal(thrown)
  const [status, title] = KINDS[error.code]
  if (status >= 500) log.error('request_failed', error, { requestId, code: error.code })
  const problem: Problem = {
    type: `/problems/${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.message,
    requestId,
    ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter }),
  }
  const headers: Record<string, string> = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }
  if (error.retryAfter !== undefined) headers['retry-after'] = String(error.retryAfter)
  const bearer = BEARER_ERRORS[error.code]
  if (bearer) headers['www-authenticate'] = `Bearer error="${bearer}", error_description="${error.code}"`
  return new Response(JSON.stringify(problem), { status, headers })
}

const internal = (thrown: unknown): ProblemError =>
  new ProblemError('internal', 'Something went wrong here. The request id names it in the log of this server.', {
    cause: thrown instanceof Error ? thrown : new TypeError('something other than an error was thrown'),
  })

import type { Problem, ProblemCode } from '@hufu/contract'
import { PROBLEMS } from '@hufu/contract/data'
import { ProblemError } from '../domain/problem-error.ts'
import type { Log } from '../ports/log.ts'

/** RFC 6750 §3.1 and RFC 9470 §3: what a bearer route says about the token. */
const BEARER_ERRORS: Partial<Record<ProblemCode, string>> = {
  token_invalid: 'invalid_token',
  token_expired: 'invalid_token',
  login_required: 'insufficient_user_authentication',
}

/** Turns whatever was thrown into a response. What is not ours says nothing to the caller and everything to the log. */
export function problemResponse(thrown: unknown, { requestId, log }: { requestId: string; log: Log }): Response {
  const error = thrown instanceof ProblemError ? thrown : internal(thrown)
  const { status, title } = PROBLEMS[error.code]
  if (status >= 500) log.error('request_failed', error, { requestId, code: error.code })
  else if (status === 429) log.info('request_limited', { requestId, code: error.code })
  const problem: Problem = {
    type: `/problems/${error.code}`,
    title: title.en,
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

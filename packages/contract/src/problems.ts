import type { ProblemCode } from './problem-codes.ts'

/** The body of every error (RFC 9457, `application/problem+json`). */
export interface Problem {
  /** A path that names the kind of problem: `/problems/<code>`. */
  type: string
  /** A short English name of the kind. */
  title: string
  /** The HTTP status, repeated. */
  status: number
  /** What a program branches on. A newer server may send a code that is not in this set: go by `status` then. */
  code: ProblemCode
  /** What happened and what to do, for the developer of the caller. Quotes no value. */
  detail: string
  /** Names this request in the server's log. */
  requestId: string
  /** Seconds to wait before another try, where waiting helps. */
  retryAfter?: number
}

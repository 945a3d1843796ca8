import { type ProblemCode, statuses } from './problem-codes.ts'
import type { Problem } from './wire.ts'

/** The one error of this package. The message is for a developer and quotes no value. */
export class ProblemError extends Error {
  /** To tell it from other errors. */
  override readonly name = 'ProblemError'
  /** To branch on; the message is for people. */
  readonly code: ProblemCode
  /** Seconds to wait before another try, where waiting helps. */
  readonly retryAfter: number | undefined
  constructor(code: ProblemCode, message: string, retryAfter?: number) {
    super(message)
    this.code = code
    this.retryAfter = retryAfter
  }
}

/** The error as data. What is not ours is `internal`, and its message stays here: nobody has read it for secrets. */
export function problemOf(thrown: unknown, requestId: string): Problem {
  const error = thrown instanceof ProblemError ? thrown : new ProblemError('internal', 'The cloud function failed.')
  const words = error.code.split('_').join(' ')
  return {
    type: `/problems/${error.code}`,
    title: words.charAt(0).toUpperCase() + words.slice(1),
    status: statuses[error.code],
    code: error.code,
    detail: error.message,
    requestId,
    ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter }),
  }
}

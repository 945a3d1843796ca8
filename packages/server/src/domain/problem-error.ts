import type { ProblemCode } from '@hufu/contract'

/**
 * Every expected failure. The message is for the developer of the caller and quotes no value; `cause` is another error
 * and is for the operator.
 */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  /** What a program branches on; a code never changes its meaning. */
  readonly code: ProblemCode
  /** Seconds to wait before another try, where waiting helps. */
  readonly retryAfter: number | undefined

  constructor(code: ProblemCode, message: string, options: { cause?: Error; retryAfter?: number } = {}) {
    super(message, options.cause ? { cause: options.cause } : undefined)
    this.code = code
    this.retryAfter = options.retryAfter
  }
}

/** A setting of this process contradicts what it finds: the mode, the master key. Another value of it is the cure. */
export class SettingProblem extends ProblemError {
  constructor(message: string) {
    super('server_misconfigured', message)
  }
}

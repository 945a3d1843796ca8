/** The three callbacks that every asynchronous `wx` function takes. */
export interface Callbacks<Result> {
  success?: ((result: Result) => void) | undefined
  fail?: ((failure: Failure) => void) | undefined
  complete?: ((result: Result | Failure) => void) | undefined
}

export interface Failure {
  errMsg: string
  errno?: number
}

export function succeed<Result>(callbacks: Callbacks<Result>, result: Result): void {
  callbacks.success?.(result)
  callbacks.complete?.(result)
}

export function fail<Result>(callbacks: Callbacks<Result>, failure: Failure): void {
  callbacks.fail?.(failure)
  callbacks.complete?.(failure)
}

/**
 * Most `wx` functions (not `wx.login`, not `wx.request`) answer with a promise when called without callbacks,
 * and return nothing otherwise.
 */
export function promiseUnlessCallbacks<Result>(
  callbacks: Callbacks<Result>,
  run: (callbacks: Callbacks<Result>) => void,
): Promise<Result> | undefined {
  if (callbacks.success || callbacks.fail || callbacks.complete) {
    run(callbacks)
    return undefined
  }
  return new Promise((resolve, reject) => run({ success: resolve, fail: reject }))
}

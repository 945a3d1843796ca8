import { fail } from './errors.ts'
import type { HufuErrorCode, PlatformCallbacks } from './types.ts'

declare function setTimeout(run: () => void, delay: number): unknown
declare function clearTimeout(timer: unknown): void

export const after = (delay: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, delay)
  })

/**
 * Calls a callback-style function of the platform. Settles exactly once, whatever the platform does: answers, fails,
 * throws, answers with nothing, or stays silent past the limit (`wx.login` is known to).
 *
 * @param limit milliseconds
 * @param code what a failure is called
 */
export function call<Result>(
  start: (callbacks: Required<PlatformCallbacks<Result>>) => unknown,
  limit: number,
  code: HufuErrorCode,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const refuse = (failure?: { errMsg?: string; message?: string }) => {
      clearTimeout(timer)
      reject(fail(code, { reason: failure && (failure.errMsg || failure.message) }))
    }
    const timer = setTimeout(() => refuse({ errMsg: 'timeout' }), limit)
    const accept = (result: Result) => {
      if (!result) return refuse()
      clearTimeout(timer)
      resolve(result)
    }
    try {
      const begun = start({ success: accept, fail: refuse }) as PromiseLike<Result> | undefined
      // Taro and the cloud answer with a promise as well; one that nobody watches would be an unhandled rejection.
      if (begun && typeof begun.then === 'function') begun.then(accept, refuse)
    } catch (error) {
      refuse(error as Error)
    }
  })
}

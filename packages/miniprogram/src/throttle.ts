import { after } from './call.ts'

/** Runs tries to sign in no faster than WeChat allows. */
export interface Throttle {
  /** Runs the next one: at once, or after the pause that earlier ones made necessary. */
  <Result>(run: () => Promise<Result>): Promise<Result>
  /** Says that signing in worked: the next pause is short again. */
  reset(): void
}

/**
 * WeChat allows four `wx.login` a second for a person. Two copies of this package in one app stay under that
 * with 600 ms between calls; every further try without success doubles the pause, up to 9.6 s.
 */
export function createThrottle(): Throttle {
  let last = 0
  let tries = 0
  const throttle: Throttle = (run) => {
    const gap = Math.max(600, 300 << tries)
    const now = Date.now()
    // Never longer than the pause itself, should the phone's clock have been set back.
    const wait = Math.max(0, Math.min(last + gap - now, gap))
    last = now + wait
    tries = Math.min(tries + 1, 5)
    return wait ? after(wait).then(run) : run()
  }
  throttle.reset = () => {
    tries = 0
  }
  return throttle
}

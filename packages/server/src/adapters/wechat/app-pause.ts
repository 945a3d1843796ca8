import { SECOND } from '../../domain/time.ts'
import { probeTimer } from './probe-timer.ts'

const LEAST_REFUSALS = 10
const LEAST_TIME = 2 * SECOND

export interface AppPause {
  /** Whether a call may go out at this moment, in milliseconds. While the app is paused, one a second may. */
  admits(now: number): boolean
  /** WeChat refused the app in one answer. Returns whether the app is paused from now on, and was not before. */
  refused(now: number): boolean
  /** WeChat accepted the app in one answer. Returns whether the app was paused until now. */
  accepted(): boolean
}

/**
 * One refusal concerns one login: WeChat has refused every fiftieth call of an app that was in order. Only a row of
 * refusals that lasts, with no answer between that accepts the app, says that the app itself must be put right.
 */
export function appPause(): AppPause {
  const probe = probeTimer()
  let inARow = 0
  let began = 0
  let paused = false
  return {
    admits: (now) => !paused || probe.take(now),
    refused(now) {
      if (inARow++ === 0) began = now
      if (paused || inARow < LEAST_REFUSALS || Math.abs(now - began) < LEAST_TIME) return false
      paused = true
      probe.start(now)
      return true
    },
    accepted() {
      const wasPaused = paused
      paused = false
      inARow = 0
      return wasPaused
    },
  }
}

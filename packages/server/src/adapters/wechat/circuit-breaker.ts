import { SECOND } from '../../domain/time.ts'
import { probeTimer } from './probe-timer.ts'

const WINDOW_SECONDS = 10
const LEAST = 20

export interface CircuitBreaker {
  /** Whether a call may go out at this moment, in milliseconds. While open, one a second may, to see whether WeChat is back. */
  admits(now: number): boolean
  /** Tells how a call ended: `healthy` unless it failed for a reason of WeChat's side. */
  record(healthy: boolean, now: number): void
}

interface Tally {
  second: number
  calls: number
  failed: number
}

/**
 * Opens when at least half of at least 20 calls in 10 s failed for reasons of WeChat's side; closes with the first that
 * does not. So a WeChat that is down costs nobody five seconds of waiting.
 */
export function circuitBreaker(): CircuitBreaker {
  let tallies: Tally[] = []
  let open = false
  const probe = probeTimer()
  return {
    admits: (now) => !open || probe.take(now),
    record(healthy, now) {
      if (open) {
        if (!healthy) return
        open = false
        tallies = []
      }
      const second = Math.floor(now / SECOND)
      const tally = tallyOf(second)
      tally.calls++
      if (healthy) return
      tally.failed++
      const recent = tallies.filter((one) => second - one.second < WINDOW_SECONDS)
      const calls = recent.reduce((sum, one) => sum + one.calls, 0)
      const failed = recent.reduce((sum, one) => sum + one.failed, 0)
      open = calls >= LEAST && failed * 2 >= calls
      if (open) probe.start(now)
    },
  }

  function tallyOf(second: number): Tally {
    const last = tallies.at(-1)
    if (last?.second === second) return last
    const tally = { second, calls: 0, failed: 0 }
    tallies.push(tally)
    if (tallies.length > WINDOW_SECONDS) tallies.shift()
    return tally
  }
}

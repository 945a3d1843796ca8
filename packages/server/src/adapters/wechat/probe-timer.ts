import { SECOND } from '../../domain/time.ts'

const EVERY = SECOND

/** While something is left alone, one call a second looks whether it is over. */
export interface ProbeTimer {
  /** The next probe is due a second after this moment, in milliseconds. */
  start(now: number): void
  /** Whether this call may be the probe; if so, the next one is due a second later. */
  take(now: number): boolean
}

export function probeTimer(): ProbeTimer {
  let last: number | undefined
  return {
    start(now) {
      last = now
    },
    take(now) {
      // In both directions: a clock that steps back an hour must not stop the probes for an hour.
      if (last !== undefined && Math.abs(now - last) < EVERY) return false
      last = now
      return true
    },
  }
}

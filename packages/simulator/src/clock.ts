import { SimulatorError } from './simulator-error.ts'

/** The simulated time. It runs with the clock it was given and can be moved by a test. */
export type Clock = {
  /** Unix time in milliseconds. */
  now(): number
  /** Moves the time; a negative number moves it back. */
  advance(seconds: number): void
}

export function createClock(now: () => number): Clock {
  let offset = 0
  return {
    now: () => now() + offset,
    advance(seconds) {
      if (!Number.isFinite(seconds)) throw new SimulatorError('invalid_request', 'seconds must be a number.')
      offset += seconds * 1000
    },
  }
}

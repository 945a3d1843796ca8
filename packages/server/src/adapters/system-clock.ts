import type { Clock } from '../ports/clock.ts'

/** The machine's own time, in milliseconds since 1970. */
export const systemClock: Clock = { now: () => Date.now() }

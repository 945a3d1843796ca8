import type { Retention } from '../domain/events.ts'
import type { Lifetimes } from '../domain/session.ts'
import type { Clock } from '../ports/clock.ts'
import type { Upkeep } from '../ports/upkeep.ts'

export interface SweepDeps {
  upkeep: Upkeep
  clock: Clock
  lifetimes: Lifetimes
  retention: Retention
  /** Milliseconds of a clock that only goes forward. */
  elapsed(): number
  pause(milliseconds: number): Promise<void>
}

/** Rows of each kind in a slice: a slice that takes long is followed by a smaller one. */
const LEAST = 100
const MOST = 1000
/** Milliseconds that logins may have to wait for a slice. */
const LONG = 10

/**
 * Removes what is past its time until nothing of it is left, or until it is told to stop, slice by slice. Between two
 * slices it rests as long as the last one took, so that logins have half of the database at least.
 *
 * @returns how many rows are gone
 */
export async function sweep(
  { upkeep, clock, lifetimes, retention, elapsed, pause }: SweepDeps,
  isStopped: () => boolean,
): Promise<number> {
  let total = 0
  for (let limit = LEAST; ; ) {
    const began = elapsed()
    const swept = await upkeep.sweep({ now: clock.now(), lifetimes, retention, limit })
    const took = elapsed() - began
    total += swept.sessions + swept.codes + swept.sessionKeys + swept.events
    if (swept.isThrough || isStopped()) return total
    limit = took > LONG ? Math.max(LEAST, limit >> 1) : Math.min(MOST, limit * 2)
    await pause(took)
  }
}

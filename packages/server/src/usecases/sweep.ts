import type { Lifetimes } from '../domain/session.ts'
import type { Clock } from '../ports/clock.ts'
import type { Upkeep } from '../ports/upkeep.ts'

const SLICE = 500

/** Removes what is past its time, slice by slice, until a slice comes back less than full. */
export async function sweep(
  { upkeep, clock, lifetimes }: { upkeep: Upkeep; clock: Clock; lifetimes: Lifetimes },
  { slices }: { slices: number },
): Promise<number> {
  let total = 0
  for (let slice = 0; slice < slices; slice++) {
    const swept = await upkeep.sweep({ now: clock.now(), lifetimes, limit: SLICE })
    total += swept.sessions + swept.codes + swept.sessionKeys + swept.events
  }
  return total
}

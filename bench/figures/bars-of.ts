import { type Contestant, isOurs } from '../contestants/contestant.ts'
import type { Bar } from '../report/figure.ts'
import { spreadOf, spreadOfRatios } from '../report/statistics.ts'
import { type Round, rates } from '../rounds.ts'

/**
 * A bar for every contestant: its speed as a part of the floor's in the same round, which a busy machine hardly changes;
 * requests per second where there is no floor.
 */
export function barsOf(
  contestants: readonly Contestant[],
  measured: readonly Round[][],
): { bars: Bar[]; unit: ' ×' | '' } {
  const floor = measured[contestants.findIndex(({ id }) => id === 'floor')]
  const bars = contestants.map((one, at) => {
    const own = rates(measured[at] ?? [])
    const spread = floor ? spreadOfRatios(own, rates(floor)) : spreadOf(own)
    return { name: one.name, isOurs: isOurs(one), ...spread }
  })
  return { bars, unit: floor ? ' ×' : '' }
}

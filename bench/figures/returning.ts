import type { Contestant, ContestantId } from '../contestants/contestant.ts'
import type { Asked, Figure, Findings } from '../report/figure.ts'
import { spreadOfRatios } from '../report/statistics.ts'
import { TARGETS } from '../report/targets.ts'
import { perSecond, processorTimes, type RoundsOptions, rates, runRounds } from '../rounds.ts'
import { barsOf } from './bars-of.ts'

/** Of these, how much of the floor's speed they reach; of the rest, how many times theirs our speed is. */
const AGAINST_FLOOR: readonly ContestantId[] = ['sqlite', 'postgres', 'postgres4']

/** Logins per second of people who have signed in before. */
export async function measureReturning(
  contestants: readonly Contestant[],
  options: Omit<RoundsOptions, 'workload'>,
): Promise<Findings> {
  const measured = await runRounds(contestants, { ...options, workload: 'returning' })
  const of = (id: ContestantId) => measured[contestants.findIndex((one) => one.id === id)]
  const [floor, sqlite] = [of('floor'), of('sqlite')]
  const figures = contestants.flatMap(({ id, name }, at): Figure[] => {
    const rounds = measured[at] ?? []
    const [ours, theirs] = AGAINST_FLOOR.includes(id) ? [rounds, floor] : [sqlite, rounds]
    if (id === 'floor' || !ours || !theirs || ours === theirs) return []
    return [
      {
        what: ours === rounds ? `logins per second, ${name} ÷ floor` : `logins per second, Hufu on SQLite ÷ ${name}`,
        unit: 'ratio',
        ...spreadOfRatios(rates(ours), rates(theirs)),
        ...askedOf(id),
        detail: `${perSecond(ours)} against ${perSecond(theirs)}`,
      },
    ]
  })
  if (floor && sqlite) {
    figures.push({
      what: 'processor time of a login, floor ÷ Hufu on SQLite',
      unit: 'ratio',
      ...spreadOfRatios(processorTimes(floor), processorTimes(sqlite)),
      detail: 'of the servers alone, all their threads',
    })
  }
  return {
    figures,
    charts: [
      {
        name: 'logins',
        title: 'Logins per second (floor = 1) · 每秒登录数（性能基线 = 1）',
        ...barsOf(contestants, measured),
      },
    ],
    raw: Object.fromEntries(contestants.map(({ id }, at) => [id, measured[at]])),
  }
}

function askedOf(id: ContestantId): { asked?: Asked } {
  if (id === 'sqlite' || id === 'tutorial' || id === 'better-auth') return { asked: TARGETS[id] }
  return id === 'postgres4' ? { asked: TARGETS.postgres } : {}
}

import { type Contestant, type ContestantId, OURS } from '../contestants/contestant.ts'
import type { Figure, Findings } from '../report/figure.ts'
import { spreadOf, spreadOfRatios } from '../report/statistics.ts'
import { perSecond, type RoundsOptions, rates, runRounds } from '../rounds.ts'
import { barsOf } from './bars-of.ts'

const WHAT = {
  first: { title: 'First logins per second (floor = 1) · 每秒首次登录数（性能基线 = 1）', knownTo: 'everybody' },
  mix: { title: 'Mixed requests per second · 每秒混合请求数', knownTo: 'ours' },
  hot: {
    title: 'Logins of one person with 20,000 past sessions (floor = 1) · 同一个人，两万条旧会话',
    knownTo: 'floor and ours',
  },
} as const

/** wafer-node-session has no users, so that nobody is new to it. */
const KNOWS = {
  everybody: (id: ContestantId) => id !== 'wafer',
  'floor and ours': (id: ContestantId) => id === 'floor' || OURS.includes(id),
  ours: (id: ContestantId) => OURS.includes(id),
}

/** One of the further workloads, for everybody who can answer it. */
export async function measureWorkload(
  everybody: readonly Contestant[],
  workload: keyof typeof WHAT,
  options: Omit<RoundsOptions, 'workload'>,
): Promise<Findings> {
  const { title, knownTo } = WHAT[workload]
  const contestants = everybody.filter(({ id }) => KNOWS[knownTo](id))
  const measured = await runRounds(contestants, { ...options, workload })
  const of = (id: ContestantId) => measured[contestants.findIndex((one) => one.id === id)]
  const [floor, against, sqlite] = [of('floor'), of('against'), of('sqlite')]
  const figures = contestants.flatMap(({ id, name }, at): Figure[] => {
    if (!OURS.includes(id)) return []
    const rounds = measured[at] ?? []
    if (!floor) {
      const detail = 'requests; 5 % refreshes, 20 % token checks, 1 % unifications'
      return [{ what: `${workload}: ${name}`, unit: 'per second', ...spreadOf(rates(rounds)), detail }]
    }
    const detail = `${perSecond(rounds)} against ${perSecond(floor)}`
    return [
      { what: `${workload}: ${name} ÷ floor`, unit: 'ratio', ...spreadOfRatios(rates(rounds), rates(floor)), detail },
    ]
  })
  if (sqlite && against) {
    figures.push({
      what: `${workload}: Hufu on SQLite ÷ itself as it was`,
      unit: 'ratio',
      ...spreadOfRatios(rates(sqlite), rates(against)),
      detail: `${perSecond(sqlite)} against ${perSecond(against)}`,
    })
  }
  return {
    figures,
    charts: [{ name: workload, title, ...barsOf(contestants, measured) }],
    raw: Object.fromEntries(contestants.map(({ id }, at) => [id, measured[at]])),
  }
}

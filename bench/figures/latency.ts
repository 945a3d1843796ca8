import { type Contestant, type ContestantId, isOurs } from '../contestants/contestant.ts'
import type { Figure, Findings } from '../report/figure.ts'
import { median, quantile, spreadOf, spreadOfRatios } from '../report/statistics.ts'
import { TARGETS } from '../report/targets.ts'
import type { RoundsOptions } from '../rounds.ts'
import { say } from '../say.ts'

const PEAKS = 3
const TAKING_PART: readonly ContestantId[] = ['floor', 'sqlite', 'against']

/** How long a login takes at half of what ours can do at most, for all at the same rate. Milliseconds. */
export async function measureLatency(
  everybody: readonly Contestant[],
  { rounds, seconds, connections }: Omit<RoundsOptions, 'workload'>,
): Promise<Findings> {
  const contestants = everybody.filter(({ id }) => TAKING_PART.includes(id))
  const perSecond = (await peakOf(contestants, { seconds, connections })) / 2
  const quantiles = contestants.map((): { p50: number; p99: number; p999: number }[] => [])
  for (let round = 0; round < rounds; round++) {
    const order = [...contestants.entries()]
    if (round % 2 === 1) order.reverse()
    for (const [at, contestant] of order) {
      const asked = { workload: 'returning', connections, seconds, perSecond } as const
      const { times, sessions } = await contestant.load.steady(asked)
      contestant.sessions += sessions
      quantiles[at]?.push({ p50: quantile(times, 0.5), p99: quantile(times, 0.99), p999: quantile(times, 0.999) })
    }
    const said = contestants.map(({ name }, at) => `${name} ${quantiles[at]?.at(-1)?.p99.toFixed(1)} ms`)
    say(`latency, round ${round + 1} of ${rounds}, p99: ${said.join(' · ')}`)
  }
  const p99s = (id: ContestantId): number[] | undefined =>
    quantiles[contestants.findIndex((one) => one.id === id)]?.map(({ p99 }) => p99)
  const ours = p99s('sqlite')
  const figures = contestants.flatMap(({ id, name }): Figure[] => {
    const theirs = p99s(id)
    if (id === 'sqlite' || !ours || !theirs) return []
    return [
      {
        what: `p99 at half of our peak, Hufu on SQLite ÷ ${name}`,
        unit: 'ratio',
        ...spreadOfRatios(ours, theirs),
        ...(id === 'floor' ? { asked: TARGETS.latency } : {}),
        detail: `${median(ours).toFixed(1)} ms against ${median(theirs).toFixed(1)} ms at ${perSecond.toFixed(0)} per second`,
      },
    ]
  })
  const bars = contestants.flatMap((one, at) =>
    (['p50', 'p99', 'p999'] as const).map((name) => ({
      name: `${one.name}, ${name.replace('p999', 'p99.9')}`,
      isOurs: isOurs(one),
      ...spreadOf((quantiles[at] ?? []).map((round) => round[name])),
    })),
  )
  return {
    figures,
    charts: [{ name: 'latency', title: 'Latency of a login at half load · 半载时的登录延迟', unit: ' ms', bars }],
    raw: { perSecond, ...Object.fromEntries(contestants.map(({ id }, at) => [id, quantiles[at]])) },
  }
}

/** Logins per second that ours answers at most. */
async function peakOf(
  contestants: readonly Contestant[],
  options: { seconds: number; connections: number },
): Promise<number> {
  const ours = contestants.find(({ id }) => id === 'sqlite') ?? contestants[0]
  if (!ours) throw new TypeError('latency needs the floor or Hufu on SQLite among the contestants')
  const peaks: number[] = []
  for (let time = 0; time < PEAKS; time++) {
    const peak = await ours.load.peak({ workload: 'returning', ...options })
    ours.sessions += peak.sessions
    peaks.push(peak.perSecond)
  }
  return median(peaks)
}

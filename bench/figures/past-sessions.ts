import type { Contestant } from '../contestants/contestant.ts'
import type { Figure, Findings } from '../report/figure.ts'
import { median, spreadOfRatios } from '../report/statistics.ts'
import { TARGETS } from '../report/targets.ts'
import { say } from '../say.ts'

/** What a login costs somebody with 20,000 past sessions ÷ somebody with few, one login after the other. */
export async function measurePastSessions(
  everybody: readonly Contestant[],
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<Findings> {
  const contestants = everybody.filter(({ id }) => id === 'sqlite' || id === 'postgres')
  const figures: Figure[] = []
  const raw: Record<string, { hot: number[]; few: number[] }> = {}
  for (const contestant of contestants) {
    const times = { hot: [] as number[], few: [] as number[] }
    const round = async (workload: 'hot' | 'few'): Promise<void> => {
      const { perSecond, sessions } = await contestant.load.peak({ workload, seconds, connections: 1 })
      contestant.sessions += sessions
      times[workload].push(1000 / perSecond)
    }
    await contestant.load.peak({ workload: 'few', seconds, connections: 1 }).then(({ sessions }) => {
      contestant.sessions += sessions // as many live sessions as there may be
    })
    for (let turn = 0; turn < rounds; turn++) {
      for (const workload of turn % 2 === 0 ? (['hot', 'few'] as const) : (['few', 'hot'] as const))
        await round(workload)
    }
    const [hot, few] = [median(times.hot), median(times.few)]
    say(`past sessions, ${contestant.name}: ${hot.toFixed(2)} ms against ${few.toFixed(2)} ms`)
    figures.push({
      what: `login with 20,000 past sessions ÷ with few, ${contestant.name}`,
      unit: 'ratio',
      ...spreadOfRatios(times.hot, times.few),
      asked: TARGETS.pastSessions,
      detail: `${hot.toFixed(2)} ms against ${few.toFixed(2)} ms, one after the other`,
    })
    raw[contestant.id] = times
  }
  return { figures, raw }
}

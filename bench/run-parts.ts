import type { Contestant } from './contestants/contestant.ts'
import { checkWritten, startContestants, stopContestants, warmUp } from './contestants/start-contestants.ts'
import { measureLatency } from './figures/latency.ts'
import { memoryUnderLoad } from './figures/memory.ts'
import { measurePastSessions } from './figures/past-sessions.ts'
import { measureReturning } from './figures/returning.ts'
import { measureSearch } from './figures/search.ts'
import { measureSize } from './figures/size.ts'
import { measureStart } from './figures/start.ts'
import { measureWorkload } from './figures/workload.ts'
import type { Options, Part } from './options.ts'
import type { Findings } from './report/figure.ts'
import { say } from './say.ts'
import type { Surroundings } from './surroundings.ts'

/** These parts bring servers of their own. */
const ALONE: readonly Part[] = ['start', 'size', 'search']

/** Runs what was asked for, part by part. */
export async function runParts(surroundings: Surroundings, options: Options): Promise<Record<string, Findings>> {
  const findings: Record<string, Findings> = {}
  const measure = async (part: Part, measured: () => Promise<Findings>): Promise<void> => {
    if (!options.parts.includes(part)) return
    const began = performance.now()
    findings[part] = await measured()
    say(`${part}: done in ${((performance.now() - began) / 1000).toFixed(0)} s`)
  }
  await measure('start', () => measureStart(surroundings, Math.min(options.users, 1_000_000)))
  if (options.parts.some((part) => !ALONE.includes(part))) {
    const contestants = await startContestants(surroundings, { ...options, ids: options.contestants })
    try {
      await warmUp(contestants, { ...options, ...options.warmUp })
      await measureTogether(contestants, options, measure)
      findings.memory = memoryUnderLoad(contestants)
    } finally {
      await stopContestants(contestants)
    }
    checkWritten(contestants)
  }
  await measure('size', () => measureSize(surroundings, { ...options, warmUp: options.warmUp.requests }))
  await measure('search', () => measureSearch(surroundings, { ...options, rounds: Math.ceil(options.rounds / 2) }))
  return findings
}

async function measureTogether(
  contestants: readonly Contestant[],
  options: Options,
  measure: (part: Part, measured: () => Promise<Findings>) => Promise<void>,
): Promise<void> {
  const fewer = { ...options, rounds: Math.ceil(options.rounds / 2) }
  await measure('returning', () => measureReturning(contestants, options))
  await measure('latency', () => measureLatency(contestants, options))
  await measure('first', () => measureWorkload(contestants, 'first', fewer))
  await measure('mix', () => measureWorkload(contestants, 'mix', fewer))
  await measure('hot', async () => {
    const together = await measureWorkload(contestants, 'hot', fewer)
    const alone = await measurePastSessions(contestants, fewer)
    return { ...together, figures: [...together.figures, ...alone.figures], raw: { ...together.raw, alone: alone.raw } }
  })
}

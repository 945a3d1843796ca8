import type { Contestant } from '../contestants/contestant.ts'
import type { Findings } from '../report/figure.ts'
import { TARGETS } from '../report/targets.ts'

/** The most memory that ours had while it was under load in this run. */
export function memoryUnderLoad(contestants: readonly Contestant[]): Findings {
  const floor = contestants.find(({ id }) => id === 'floor')?.memory
  const memory = contestants.find(({ id }) => id === 'sqlite')?.memory
  if (!memory || memory.resident === 0) return { figures: [], raw: {} }
  const { resident, own } = memory
  return {
    figures: [
      {
        what: 'memory under load, Hufu on SQLite',
        unit: 'MiB',
        ...{ median: resident, low: resident, high: resident },
        asked: TARGETS.memory,
        detail: `highest resident; ${own.toFixed(0)} its own, the rest files; the floor ${floor?.resident.toFixed(0) ?? '–'}`,
      },
    ],
    raw: Object.fromEntries(contestants.map(({ id, memory }) => [id, memory])),
  }
}

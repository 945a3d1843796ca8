import { join } from 'node:path'
import { makeDatabase } from '../database.ts'
import type { Findings } from '../report/figure.ts'
import { spreadOf } from '../report/statistics.ts'
import { TARGETS } from '../report/targets.ts'
import { say } from '../say.ts'
import { startHufu } from '../servers/hufu.ts'
import type { Surroundings } from '../surroundings.ts'

const TIMES = 5
const IDLE_AFTER_MS = 3000

/** Start to first answer, and memory at rest, on a database that is already there. */
export async function measureStart({ scratch, command }: Surroundings, people: number): Promise<Findings> {
  say(`start: making a database of ${people} people`)
  const folder = join(scratch, `people-${people}`)
  await makeDatabase(command, folder, people)
  const times: number[] = []
  const idle: number[] = []
  for (let time = 0; time < TIMES; time++) {
    const server = await startHufu({ command, folder, upstream: 'http://127.0.0.1:9' })
    times.push(server.startedIn)
    if (time === 0) {
      await new Promise((resolve) => setTimeout(resolve, IDLE_AFTER_MS))
      idle.push(server.memory().resident)
    }
    await server.stop()
    say(`start: first answer after ${server.startedIn.toFixed(0)} ms`)
  }
  return {
    figures: [
      {
        what: 'start to first answer',
        unit: 'ms',
        ...spreadOf(times),
        asked: TARGETS.start,
        detail: `${TIMES} starts with ${people.toLocaleString('en')} people stored`,
      },
      {
        what: 'memory idle',
        unit: 'MiB',
        ...spreadOf(idle),
        asked: TARGETS.idle,
        detail: 'resident, 3 s after the start',
      },
    ],
    raw: { startMs: times, idleMiB: idle },
  }
}

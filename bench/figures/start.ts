import { join } from 'node:path'
import { makeDatabase } from '../database.ts'
import type { Surroundings } from '../options.ts'
import type { Figure } from '../report.ts'
import { say } from '../say.ts'
import { startHufu } from '../servers/hufu.ts'
import { median } from '../statistics.ts'

const TIMES = 5
const IDLE_AFTER_MS = 3000

/** Start to first answer, and memory at rest, on a database that is already there. */
export async function measureStart({ scratch, command }: Surroundings): Promise<{ figures: Figure[]; raw: object }> {
  say('start: making a database')
  const folder = join(scratch, 'start')
  await makeDatabase(command, folder, 10_000)
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
  const range = `${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)} ms in ${TIMES} starts`
  return {
    figures: [
      { what: 'start to first answer', value: median(times), unit: 'ms', asked: { most: 400 }, detail: range },
      {
        what: 'memory idle',
        value: median(idle),
        unit: 'MiB',
        asked: { most: 110 },
        detail: 'resident, 3 s after the start',
      },
    ],
    raw: { startMs: times, idleMiB: idle },
  }
}

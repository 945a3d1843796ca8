import { join } from 'node:path'
import { makeDatabase } from '../database.ts'
import type { Surroundings } from '../options.ts'
import type { Figure } from '../report.ts'
import { say } from '../say.ts'
import { startHufu } from '../servers/hufu.ts'
import { median } from '../statistics.ts'

const TIMES = 5

/** Start to first answer, on a database that is already there. */
export async function measureStart({ scratch, command }: Surroundings): Promise<{ figures: Figure[]; raw: object }> {
  say('start: making a database')
  const folder = join(scratch, 'start')
  await makeDatabase(command, folder, 10_000)
  const times: number[] = []
  for (let time = 0; time < TIMES; time++) {
    const server = await startHufu({ command, folder, upstream: 'http://127.0.0.1:9' })
    times.push(server.startedIn)
    await server.stop()
    say(`start: first answer after ${server.startedIn.toFixed(0)} ms`)
  }
  const range = `${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)} ms in ${TIMES} starts`
  return {
    figures: [{ what: 'start to first answer', value: median(times), unit: 'ms', asked: { most: 400 }, detail: range }],
    raw: { startMs: times },
  }
}

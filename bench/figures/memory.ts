import { join } from 'node:path'
import { makeDatabase } from '../database.ts'
import type { Options, Surroundings } from '../options.ts'
import type { Figure } from '../report.ts'
import { newRunner, runRounds } from '../rounds.ts'
import { say } from '../say.ts'
import { startHufu } from '../servers/hufu.ts'
import { median } from '../statistics.ts'

const STORED = 100_000
const CONNECTIONS = 64
const IDLE_AFTER_MS = 3000

/** Memory of a server that nobody has asked anything, and of the same while 64 connections log in as fast as they can. */
export async function measureMemory(
  { scratch, command, upstream }: Surroundings,
  { rounds, seconds }: Options,
): Promise<{ figures: Figure[]; raw: object }> {
  say(`memory: making a database of ${STORED} people`)
  const folder = join(scratch, 'memory')
  await makeDatabase(command, folder, STORED)
  const server = await startHufu({ command, folder, upstream })
  await new Promise((resolve) => setTimeout(resolve, IDLE_AFTER_MS))
  const idle = server.memory()
  const runner = newRunner('hufu', [server], { path: '/v1/login', stored: STORED, connections: CONNECTIONS })
  const [done = []] = await runRounds([runner], rounds, seconds)
  await server.stop()
  const { resident, own } = runner.memory
  const rate = median(done.map(({ perSecond }) => perSecond)).toFixed(0)
  return {
    figures: [
      {
        what: 'memory idle',
        value: idle.resident,
        unit: 'MiB',
        asked: { most: 90 },
        detail: `resident, 3 s after the start; ${idle.own.toFixed(0)} its own and the rest files (the program)`,
      },
      {
        what: `memory under ${CONNECTIONS} connections`,
        value: resident,
        unit: 'MiB',
        asked: { most: 180 },
        detail: `highest resident, of that ${own.toFixed(0)} its own; ${runner.load.answered} logins at ${rate} per second`,
      },
    ],
    raw: { idle, busy: runner.memory, rounds: done },
  }
}

import { join } from 'node:path'
import { compete, enter, leave, median, ratio, say, type Turn, warmUp } from '../contest.ts'
import { makeDatabase } from '../database.ts'
import type { Options, Surroundings } from '../options.ts'
import type { Figure } from '../report.ts'
import { startFloor } from '../servers/floor.ts'
import { addBenchApp, startHufu } from '../servers/hufu.ts'
import { fillPostgres, openPostgres } from '../servers/postgres.ts'

const STORED = 100_000
const PROCESSES = 4

/** Four servers that share one PostgreSQL, on the same processors as it, against the floor with its file. */
export async function measurePostgres(
  { scratch, command, upstream }: Surroundings,
  { rounds, seconds, connections, ...options }: Options,
): Promise<{ figures: Figure[]; raw: object }> {
  say(`postgres: making a database of ${STORED} people`)
  const postgres = await openPostgres()
  const start = (index: number) =>
    startHufu({ command, folder: join(scratch, `postgres-${index}`), upstream, databaseUrl: postgres.url })
  const first = await start(0)
  await addBenchApp(join(scratch, 'postgres-0'))
  await fillPostgres(postgres.url, STORED)
  const servers = [first]
  while (servers.length < PROCESSES) servers.push(await start(servers.length))
  const folder = join(scratch, 'postgres-floor')
  await makeDatabase(command, folder, STORED)

  const entry = { path: '/v1/login', stored: STORED, connections }
  const hufu = enter(`hufu × ${PROCESSES}`, servers, entry)
  const floor = enter('floor', [await startFloor({ folder, upstream })], entry)
  await warmUp(floor, options.warmUp)
  await warmUp(hufu, options.warmUp)
  const [floorTurns = [], hufuTurns = []] = await compete([floor, hufu], rounds, seconds)
  await leave([floor, hufu])
  await postgres.stop()
  const rate = (turns: Turn[]): string => median(turns.map(({ perSecond }) => perSecond)).toFixed(0)
  return {
    figures: [
      {
        what: `logins per second of ${PROCESSES} processes on one PostgreSQL ÷ the floor’s`,
        value: ratio(hufuTurns, floorTurns, 'perSecond'),
        unit: 'ratio',
        asked: { least: 0.4 },
        detail: `${rate(hufuTurns)} against ${rate(floorTurns)}`,
      },
    ],
    raw: { floor: floorTurns, hufu: hufuTurns },
  }
}

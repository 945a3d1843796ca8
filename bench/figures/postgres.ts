import { join } from 'node:path'
import { makeDatabase } from '../database.ts'
import type { Options, Surroundings } from '../options.ts'
import type { Figure } from '../report.ts'
import { newRunner, type Round, ratio, runRounds, stopAll, warmUp } from '../rounds.ts'
import { say } from '../say.ts'
import { startFloor } from '../servers/floor.ts'
import { addBenchApp, startHufu } from '../servers/hufu.ts'
import { fillPostgres, openPostgres } from '../servers/postgres.ts'
import { median } from '../statistics.ts'

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
  const hufu = newRunner(`hufu × ${PROCESSES}`, servers, entry)
  const floor = newRunner('floor', [await startFloor({ folder, upstream })], entry)
  await warmUp(floor, options.warmUp)
  await warmUp(hufu, options.warmUp)
  const [floorRounds = [], hufuRounds = []] = await runRounds([floor, hufu], rounds, seconds)
  await stopAll([floor, hufu])
  await postgres.stop()
  const rate = (rounds: Round[]): string => median(rounds.map(({ perSecond }) => perSecond)).toFixed(0)
  return {
    figures: [
      {
        what: `logins per second of ${PROCESSES} processes on one PostgreSQL ÷ the floor’s`,
        value: ratio(hufuRounds, floorRounds, 'perSecond'),
        unit: 'ratio',
        asked: { least: 0.4 },
        detail: `${rate(hufuRounds)} against ${rate(floorRounds)}`,
      },
    ],
    raw: { floor: floorRounds, hufu: hufuRounds },
  }
}

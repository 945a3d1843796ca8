import { join } from 'node:path'
import { addBenchApps, startHufu } from '../servers/hufu.ts'
import { fillPostgres, openPostgres } from '../servers/postgres.ts'
import type { Program } from '../servers/program.ts'
import type { Surroundings } from '../surroundings.ts'
import { type Contestant, STORED } from './contestant.ts'
import { openContestant } from './open-contestant.ts'

/** Servers that share one PostgreSQL of their own, on the same processors as it. */
export async function startOnPostgres(
  { scratch, command, upstream, loads }: Surroundings,
  processes: 1 | 4,
): Promise<Contestant> {
  const postgres = await openPostgres(`hufu_bench_${processes}`)
  const programs: Program[] = []
  for (let index = 0; index < processes; index++) {
    const folder = join(scratch, `postgres-${processes}-${index}`)
    programs.push(await startHufu({ command, folder, upstream, databaseUrl: postgres.url }))
    if (index > 0) continue
    await addBenchApps(folder)
    await fillPostgres(postgres.url, STORED)
  }
  const id = processes === 1 ? 'postgres' : 'postgres4'
  const name = processes === 1 ? 'Hufu, PostgreSQL' : `Hufu × ${processes}, PostgreSQL`
  const contestant = await openContestant({ id, name, programs, loads })
  return { ...contestant, end: () => postgres.stop() }
}

import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Contestant } from '../contestants/contestant.ts'
import { openContestant } from '../contestants/open-contestant.ts'
import { warmUp } from '../contestants/start-contestants.ts'
import { makeDatabase } from '../database.ts'
import type { Findings } from '../report/figure.ts'
import { spreadOfRatios } from '../report/statistics.ts'
import { TARGETS } from '../report/targets.ts'
import { perSecond, processorTimes, type Round, type RoundsOptions, rates, runRounds } from '../rounds.ts'
import { say } from '../say.ts'
import { startHufu } from '../servers/hufu.ts'
import type { Surroundings } from '../surroundings.ts'

const FEW = 10_000
/** Beyond ten live sessions of one person the oldest ends, which is another cost; few people must not come that often. */
const MOST_PER_PERSON = 8

export interface SizeOptions extends Omit<RoundsOptions, 'workload'> {
  /** People in the large database. */
  users: number
  warmUp: number
}

/** What a login costs with many people stored, against few. */
export async function measureSize(surroundings: Surroundings, options: SizeOptions): Promise<Findings> {
  const { users, rounds } = options
  const few = await startWith(surroundings, FEW)
  const many = await startWith(surroundings, users)
  const measured: Round[][] = [[], []]
  try {
    await warmUp([few, many], { ...options, requests: options.warmUp, seconds: 10 })
    while ((measured[0]?.length ?? 0) < rounds && few.sessions < FEW * MOST_PER_PERSON) {
      const round = await runRounds([few, many], { ...options, rounds: 1, workload: 'returning' })
      for (const [at, [one]] of round.entries()) if (one) measured[at]?.push(one)
    }
  } finally {
    for (const { programs } of [few, many]) await programs[0]?.stop()
  }
  const [fewRounds = [], manyRounds = []] = measured
  const processor = spreadOfRatios(processorTimes(manyRounds), processorTimes(fewRounds)).median
  const bytes = statSync(join(folderOf(surroundings, users), 'hufu.db')).size / users
  return {
    figures: [
      {
        what: `cost of a login with ${users.toLocaleString('en')} people stored ÷ with 10,000`,
        unit: 'ratio',
        ...spreadOfRatios(rates(fewRounds), rates(manyRounds)),
        asked: TARGETS.size,
        detail: `${perSecond(manyRounds)} per second against ${perSecond(fewRounds)}; processor time ${processor.toFixed(2)} ×; about ${bytes.toFixed(0)} bytes a person`,
      },
    ],
    raw: { few: fewRounds, many: manyRounds },
  }
}

const folderOf = ({ scratch }: Surroundings, people: number): string => join(scratch, `people-${people}`)

async function startWith(surroundings: Surroundings, stored: number): Promise<Contestant> {
  const { command, upstream, loads } = surroundings
  say(`size: making a database of ${stored.toLocaleString('en')} people`)
  const folder = folderOf(surroundings, stored)
  await makeDatabase(command, folder, stored)
  const name = `Hufu with ${stored.toLocaleString('en')}`
  const programs = [await startHufu({ command, name, folder, upstream })]
  return openContestant({ id: 'sqlite', name, programs, loads, stored })
}

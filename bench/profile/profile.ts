import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { STORED } from '../contestants/contestant.ts'
import { openContestant } from '../contestants/open-contestant.ts'
import { makeDatabase } from '../database.ts'
import type { Options } from '../options.ts'
import { say } from '../say.ts'
import { startHufu } from '../servers/hufu.ts'
import type { Surroundings } from '../surroundings.ts'
import { hottest } from './hottest.ts'
import { readProfiles } from './read-profiles.ts'

const TEN = 10
const LEAST_SECONDS = 8

/** Where the server spends its time under full load of people who return: the ten functions, as text. */
export async function profile(
  { scratch, command, upstream, loads }: Surroundings,
  { connections, rounds, seconds }: Options,
): Promise<string> {
  const underLoad = Math.max(LEAST_SECONDS, rounds * seconds)
  const folder = join(scratch, 'profiled')
  const profiles = join(scratch, 'profiles')
  mkdirSync(profiles)
  await makeDatabase(command, folder, STORED)
  // Written by every thread when it ends; `hufu` starts Node anew, so that only the environment reaches it.
  const environment = { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profiles}` }
  const server = await startHufu({ command, folder, upstream, environment })
  try {
    const { load } = await openContestant({ id: 'sqlite', name: 'profiled', programs: [server], loads })
    say(`profile: under load for ${underLoad.toFixed(0)} s`)
    await load.peak({ workload: 'returning', connections, seconds: underLoad })
  } finally {
    await server.stop()
  }
  return hottest(readProfiles(profiles), TEN)
}

import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { makeDatabase, newSessionsIn, PAST_SESSIONS } from '../database.ts'
import { startFloor } from '../servers/floor.ts'
import { startHufu } from '../servers/hufu.ts'
import { buildOlder } from '../servers/older-build.ts'
import { publish } from '../servers/published.ts'
import type { Surroundings } from '../surroundings.ts'
import { type Contestant, STORED } from './contestant.ts'
import { openContestant } from './open-contestant.ts'

/** The least that a login can be, on a database with the same rows. */
export async function startFloorContestant({ scratch, command, upstream, loads }: Surroundings): Promise<Contestant> {
  const folder = await copyOfDatabase(scratch, command, 'floor')
  const programs = [await startFloor({ folder, upstream })]
  const contestant = await openContestant({ id: 'floor', name: 'floor', programs, loads })
  return { ...contestant, written: () => newSessionsIn(folder) }
}

/** Ours as it is by default: one process, one file. */
export async function startSqlite({ scratch, command, upstream, loads }: Surroundings): Promise<Contestant> {
  const folder = await copyOfDatabase(scratch, command, 'sqlite')
  const programs = [await startHufu({ command, folder, upstream })]
  const contestant = await openContestant({ id: 'sqlite', name: 'Hufu, SQLite', programs, loads })
  return { ...contestant, written: () => newSessionsIn(folder) }
}

/** The same in an older revision, on a database that it made itself. */
export async function startAgainst({ scratch, upstream, loads }: Surroundings, revision: string): Promise<Contestant> {
  const { tree, commit, remove } = buildOlder(revision, scratch)
  try {
    const command = publish(tree, join(scratch, 'published-older'))
    const folder = join(scratch, 'against')
    await makeDatabase(command, folder, STORED, { pastSessions: PAST_SESSIONS })
    const programs = [await startHufu({ command, name: `hufu at ${commit}`, folder, upstream })]
    const contestant = await openContestant({ id: 'against', name: `Hufu at ${commit}, SQLite`, programs, loads })
    return { ...contestant, written: () => newSessionsIn(folder), end: async () => remove() }
  } catch (error) {
    remove()
    throw error
  }
}

/** Made once in a run and copied. */
async function copyOfDatabase(scratch: string, command: string, name: string): Promise<string> {
  const original = join(scratch, 'original')
  await makeDatabase(command, original, STORED, { pastSessions: PAST_SESSIONS })
  const folder = join(scratch, name)
  cpSync(original, folder, { recursive: true })
  return folder
}

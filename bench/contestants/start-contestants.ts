import type { RoundsOptions } from '../rounds.ts'
import { say } from '../say.ts'
import type { Surroundings } from '../surroundings.ts'
import type { Contestant, ContestantId } from './contestant.ts'
import { startOnPostgres } from './on-postgres.ts'
import { startAgainst, startFloorContestant, startSqlite } from './on-sqlite.ts'
import { startPeerContestant } from './peers.ts'

export interface Chosen {
  ids: readonly ContestantId[]
  /** The revision of ours that `against` is. */
  against: string | undefined
}

/** Everybody who takes part in one run, running at the same time and idle until it is their turn. */
export async function startContestants(surroundings: Surroundings, { ids, against }: Chosen): Promise<Contestant[]> {
  const starters: Record<ContestantId, () => Promise<Contestant>> = {
    floor: () => startFloorContestant(surroundings),
    sqlite: () => startSqlite(surroundings),
    against: () => startAgainst(surroundings, against ?? 'HEAD'),
    postgres: () => startOnPostgres(surroundings, 1),
    postgres4: () => startOnPostgres(surroundings, 4),
    tutorial: () => startPeerContestant(surroundings, 'tutorial'),
    easywechat: () => startPeerContestant(surroundings, 'easywechat'),
    'better-auth': () => startPeerContestant(surroundings, 'better-auth'),
    wafer: () => startPeerContestant(surroundings, 'wafer'),
  }
  const started: Contestant[] = []
  try {
    for (const id of ids) {
      say(`starting ${id}`)
      started.push(await starters[id]())
    }
    return started
  } catch (error) {
    await stopContestants(started)
    throw error
  }
}

/** Lets the engine compile what it finds hot before anything counts. */
export async function warmUp(
  contestants: readonly Contestant[],
  { requests, seconds, connections }: { requests: number } & Pick<RoundsOptions, 'seconds' | 'connections'>,
): Promise<void> {
  for (const contestant of contestants) {
    say(`warming up ${contestant.name}`)
    const until = performance.now() + seconds * 1000
    for (let answered = 0; answered < requests * contestant.programs.length && performance.now() < until; ) {
      const done = await contestant.load.peak({ workload: 'returning', seconds: 0.5, connections })
      answered += done.answered
      contestant.sessions += done.sessions
    }
  }
}

export async function stopContestants(contestants: readonly Contestant[]): Promise<void> {
  for (const { programs, end } of contestants) {
    await Promise.all(programs.map((program) => program.stop()))
    await end?.()
  }
}

/** @throws {Error} when one of them, now stopped, answered a login that it did not write down, or the other way round */
export function checkWritten(contestants: readonly Contestant[]): void {
  for (const { name, sessions, written } of contestants) {
    const found = written?.() ?? sessions
    if (found !== sessions) throw new Error(`${name} answered ${sessions} logins and wrote down ${found}`)
  }
}

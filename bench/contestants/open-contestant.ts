import type { Target } from '../load/load.ts'
import type { LoadProcess } from '../load/load-process.ts'
import type { Program } from '../servers/program.ts'
import { type Contestant, type ContestantId, STORED } from './contestant.ts'

export interface ContestantOptions {
  id: ContestantId
  name: string
  programs: Program[]
  loads: LoadProcess
  dialect?: Target['dialect']
  /** People in its database. */
  stored?: number
}

/** Servers that run, with the load on them. */
export async function openContestant(options: ContestantOptions): Promise<Contestant> {
  const { id, name, programs, loads, dialect = 'hufu', stored = STORED } = options
  const urls = programs.map(({ url }) => url.href)
  const load = await loads.open(name, { urls, dialect, stored })
  return { id, name, programs, load, sessions: 0, memory: { resident: 0, own: 0 } }
}

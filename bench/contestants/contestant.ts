import type { RemoteLoad } from '../load/load-process.ts'
import type { Program } from '../servers/program.ts'

/** People who have signed in before: many enough that nobody comes back too often in one run. */
export const STORED = 100_000

/** A server, or several that share a database, and the load on it. */
export interface Contestant {
  id: ContestantId
  /** As it stands in the report. */
  name: string
  programs: Program[]
  load: RemoteLoad
  /** Sessions that its answers spoke of so far. */
  sessions: number
  /** Highest resident memory of its first program while it was busy, in MiB, and of that the part that is its own. */
  memory: { resident: number; own: number }
  /** Sessions in its database that were not there before the run; of ours and the floor, once it is stopped. */
  written?(): number
  /** Ends what it brought along, such as a database server. */
  end?(): Promise<void>
}

/** `against` is an older revision of ours. */
export const CONTESTANTS = [
  'floor',
  'sqlite',
  'against',
  'postgres',
  'postgres4',
  'tutorial',
  'easywechat',
  'better-auth',
  'wafer',
] as const
export type ContestantId = (typeof CONTESTANTS)[number]

/** Those that are Hufu. They alone know every workload. */
export const OURS: readonly ContestantId[] = ['sqlite', 'against', 'postgres', 'postgres4']

export const isOurs = ({ id }: Pick<Contestant, 'id'>): boolean => OURS.includes(id)

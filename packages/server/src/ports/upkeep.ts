import type { Retention } from '../domain/events.ts'
import type { Lifetimes } from '../domain/session.ts'

export interface SweepInput {
  now: number
  lifetimes: Lifetimes
  retention: Retention
  /** The most rows of each kind that are looked at. */
  limit: number
}

export interface Swept {
  sessions: number
  codes: number
  sessionKeys: number
  events: number
  /** Whether nothing that is due was left for another slice. */
  isThrough: boolean
}

export interface Upkeep {
  /**
   * Removes what is past its time, a bounded slice at a call; never a live row. What is not due costs nothing, however much
   * of it there is.
   */
  sweep(input: SweepInput): Promise<Swept>
  /**
   * Writes this mark and resolves when it is on the disk: the database can do what a login needs. The same mark twice may
   * leave nothing to write.
   */
  ping(mark?: string): Promise<void>
  /**
   * A consistent copy of the whole database, taken online: all that was committed before the call. Takes the place of a
   * file that is there only with `replace`. Only an embedded store can.
   */
  backup(file: string, options?: { replace?: boolean }): Promise<void>
  close(): Promise<void>
}

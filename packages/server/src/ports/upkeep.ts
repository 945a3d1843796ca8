import type { Act } from '../domain/act.ts'
import type { Erasure } from '../domain/erasure.ts'
import type { Lifetimes } from '../domain/session.ts'

export interface Swept {
  sessions: number
  codes: number
  sessionKeys: number
  events: number
}

export interface Upkeep {
  /** Removes what is past its time, a bounded slice at a call; never a live row. */
  sweep(input: { now: number; lifetimes: Lifetimes; limit: number }): Promise<Swept>
  /** Who was erased at that time or later, as keyed hashes, the oldest first. */
  erasures(input: { since: number }): Promise<Erasure[]>
  /**
   * After a database was put back to an earlier time: names the time that begins, ends all sessions unless they are kept,
   * and erases again whom it still holds.
   */
  startEpoch(input: {
    act: Act
    epoch: string
    keepSessions: boolean
    erasureKey: string
    erasures: Erasure[]
  }): Promise<{ ended: number; erased: number }>
  /** Resolves when the database answers. */
  ping(): Promise<void>
  /**
   * A consistent copy of the whole database, taken online: all that was committed before the call. Takes the place of a
   * file that is there only with `replace`. Only an embedded store can.
   */
  backup(file: string, options?: { replace?: boolean }): Promise<void>
  close(): Promise<void>
  /** Resolves with the cause once this store can never work again in this process; pending for as long as it may. */
  broken: Promise<Error>
}

import pg from 'pg'
import { IdentityError } from '../../domain/errors.ts'

/**
 * SQLSTATEs that mean "somebody else was quicker": the same transaction, run again from its start, sees what they did
 * and goes through. Serialisation failure, deadlock, unique key, foreign key.
 */
const RACES: ReadonlySet<string> = new Set(['40001', '40P01', '23505', '23503'])

/** Classes and codes that speak of the server, not of the statement: connection, resources, shutdown, files, patience. */
const TROUBLES = /^(08|28|3D|53|57P|58|55P03|57014|25006|25P03)/

/** Of these, the ones after which the connection is gone. */
const GONE = /^(08|57P|25P03)/

/** The database cannot do its work right now. Says nothing to the caller that the cause does not say to the operator. */
export class DatabaseTrouble extends IdentityError {
  /** Whether it was the connection that broke: another may do. */
  readonly gone: boolean

  constructor(cause: Error) {
    super('server_misconfigured', 'The database does not answer. Try again in a moment.', { cause, retryAfter: 1 })
    this.gone = !(cause instanceof pg.DatabaseError) || GONE.test(cause.code ?? '')
  }
}

/** What a query or a connection threw, as the rest of the server may see it. A fault of ours stays what it is. */
export function databaseError(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof IdentityError) return thrown
  if (thrown instanceof pg.DatabaseError && !TROUBLES.test(thrown.code ?? '')) return thrown
  return new DatabaseTrouble(thrown)
}

export const isRace = (thrown: unknown): boolean => thrown instanceof pg.DatabaseError && RACES.has(thrown.code ?? '')

/** Whether the connection broke: another may do. */
export const isGone = (thrown: unknown): boolean => thrown instanceof DatabaseTrouble && thrown.gone

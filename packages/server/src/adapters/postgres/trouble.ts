import pg from 'pg'
import { ProblemError } from '../../domain/problem-error.ts'

/**
 * SQLSTATEs that mean "somebody else was quicker": the same transaction, run again from its start, sees what they did
 * and goes through. Serialisation failure, deadlock, unique key, foreign key.
 */
const RACES: ReadonlySet<string> = new Set(['40001', '40P01', '23505', '23503'])

/** Others hold what the transaction needs, for longer than a lock or a statement is waited for: nothing is wrong. */
const CONTENTIONS: ReadonlySet<string> = new Set(['55P03', '57014', '40001', '40P01'])

/**
 * A prepared statement that is not there, or is there already: somebody between us and the server changes its session.
 * The same again without names goes through.
 */
const POOLER_SIGNS: ReadonlySet<string> = new Set(['26000', '42P05'])

/** As many connections as the database, this role or a pooler allows are in use: others of ours will do. */
const TOO_MANY_CONNECTIONS = '53300'

/** Classes and codes that speak of the server, not of the statement: connection, resources, shutdown, files, patience. */
const TROUBLES = /^(08|28|3D|53|57P|58|55P03|57014|25006|25P03)/

/** Of these, the ones after which the connection is gone. */
const GONE = /^(08|57P|25P03)/

/** The database cannot do its work right now. Says nothing to the caller that the cause does not say to the operator. */
export class DatabaseTrouble extends ProblemError {
  /** Whether a connection broke that had been made: another may do. */
  readonly gone: boolean

  constructor(cause: Error, gone: boolean) {
    super('unavailable', 'The database does not answer. Try again in a moment.', { cause, retryAfter: 1 })
    this.gone = gone
  }
}

/** What a query threw, as the rest of the server may see it. A fault of ours stays what it is. */
export function databaseError(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof ProblemError) return thrown
  if (!(thrown instanceof pg.DatabaseError)) return new DatabaseTrouble(thrown, true)
  const code = thrown.code ?? ''
  return TROUBLES.test(code) ? new DatabaseTrouble(thrown, GONE.test(code)) : thrown
}

/** What kept a connection from being made. */
export function connectionError(thrown: unknown): unknown {
  return thrown instanceof Error && !(thrown instanceof ProblemError) ? new DatabaseTrouble(thrown, false) : thrown
}

export const isRace = (thrown: unknown): boolean => RACES.has(sqlState(thrown))

export const isGone = (thrown: unknown): boolean => thrown instanceof DatabaseTrouble && thrown.gone

export const isContention = (thrown: unknown): boolean => CONTENTIONS.has(sqlState(thrown))

export const isPoolerSign = (thrown: unknown): boolean => POOLER_SIGNS.has(sqlState(thrown))

export const isTooManyConnections = (thrown: unknown): boolean => sqlState(thrown) === TOO_MANY_CONNECTIONS

/** What the server called it; empty when it was not the server that spoke. */
function sqlState(thrown: unknown): string {
  const spoken = thrown instanceof DatabaseTrouble ? thrown.cause : thrown
  return (spoken instanceof pg.DatabaseError && spoken.code) || ''
}

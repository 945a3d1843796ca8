import { ProblemError } from '../../domain/problem-error.ts'
import { DatabaseTrouble } from './trouble.ts'

/**
 * What kept a database from being opened. At the start there is somebody to read what the server said; it names databases
 * and users, never passwords.
 */
export function notOpened(error: unknown): ProblemError {
  if (error instanceof ProblemError && !(error instanceof DatabaseTrouble && error.cause instanceof Error)) return error
  const cause = (error instanceof ProblemError ? error.cause : error) as Error
  // Of a name with several addresses each has failed; together they say nothing.
  const { message, name } = cause instanceof AggregateError ? ((cause.errors[0] as Error | undefined) ?? cause) : cause
  return new ProblemError('server_misconfigured', `The database does not open: ${message || name}`, { cause })
}

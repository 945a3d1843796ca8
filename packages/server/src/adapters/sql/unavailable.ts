import { ProblemError } from '../../domain/problem-error.ts'

/** Our own store does not answer, or cannot write, at this moment; another try in a second may go through. */
export const unavailable = (
  why = 'The database does not answer. Try again in a moment.',
  cause?: Error,
): ProblemError => new ProblemError('unavailable', why, { retryAfter: 1, ...(cause ? { cause } : {}) })

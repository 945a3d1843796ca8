import { IdentityError } from '../../domain/errors.ts'

/** Our own store does not answer, or cannot write, at this moment; another try in a second may go through. */
export const unavailable = (
  why = 'The database does not answer. Try again in a moment.',
  cause?: Error,
): IdentityError => new IdentityError('unavailable', why, { retryAfter: 1, ...(cause ? { cause } : {}) })

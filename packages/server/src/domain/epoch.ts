import { randomBytes } from './random.ts'

/**
 * The name of a stretch of time in which a database only went forward. It begins with the database, and anew each time it is
 * put back to an earlier state: what was counted in another epoch counts for nothing in this one.
 */
export const newEpoch = (): string => Buffer.from(randomBytes(12)).toString('base64url')

/** 32 random bytes in base64url. */
export const newErasureKey = (): string => Buffer.from(randomBytes(32)).toString('base64url')

import { unavailable } from '../sql/unavailable.ts'

/**
 * SQLite's primary result codes that speak of the machine and not of the statement: PERM, BUSY, LOCKED, NOMEM, READONLY,
 * IOERR, FULL, CANTOPEN, PROTOCOL (https://www.sqlite.org/rescode.html).
 */
const TROUBLES: ReadonlySet<number> = new Set([3, 5, 6, 7, 8, 10, 13, 14, 15])

/** The code is read where the error was made: between threads an error keeps only its words. */
export const isTrouble = (thrown: unknown): boolean =>
  thrown instanceof Error &&
  'errcode' in thrown &&
  typeof thrown.errcode === 'number' &&
  TROUBLES.has(thrown.errcode & 0xff)

/** What SQLite threw, as the rest of the server may see it. A fault of ours stays what it is. */
export const sqliteError = (thrown: unknown): unknown =>
  isTrouble(thrown) ? unavailable('The database cannot do its work. Try again in a moment.', thrown as Error) : thrown

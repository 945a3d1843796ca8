import { ProblemError } from '../../domain/problem-error.ts'
import { unavailable } from './unavailable.ts'

/** What stands before every store alike: some text cannot be kept, and a store that closes lets nothing new begin. */
export interface StoreGuard {
  /**
   * Runs work with this input.
   *
   * @throws {ProblemError} `invalid_request` for text that a store cannot give back as it was, `unavailable`
   *   once the store is closing
   */
  admit<Output>(input: unknown, work: () => Promise<Output>): Promise<Output>
  /** Resolves when what was admitted has ended; from now on nothing is. */
  close(): Promise<void>
}

export function guardStore(): StoreGuard {
  let inside = 0
  let isClosed = false
  let empty = (): void => undefined
  return {
    async admit(input, work) {
      if (isClosed) throw unavailable('The database is closed.')
      if (!isStorable(input)) throw unstorable()
      inside++
      try {
        return await work()
      } finally {
        if (--inside === 0) empty()
      }
    },
    async close() {
      isClosed = true
      if (inside > 0) await new Promise<void>((resolve) => (empty = resolve))
    },
  }
}

/** PostgreSQL has no NUL in text, and half of a surrogate pair has no UTF-8: it would come back as another character. */
function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0')
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return true
  return Object.values(value).every(isStorable)
}

const unstorable = (): ProblemError =>
  new ProblemError('invalid_request', 'Text with a NUL character, or with half of a surrogate pair, cannot be stored.')

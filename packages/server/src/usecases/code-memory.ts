import { ProblemError } from '../domain/problem-error.ts'
import { Recent } from '../domain/recent.ts'
import { MINUTE } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'

/**
 * Which codes this process has seen lately, so that however often a code is posted it costs WeChat one call. It holds no
 * answers: those are in the store, for every process.
 */
export interface CodeMemory {
  /** Settles when the first post of this code did; rejects as it did. */
  earlier(codeHash: Uint8Array): Promise<unknown> | undefined
  /** Remembers the first post. A failure that leaves the code as good as new is forgotten at once. */
  hold(codeHash: Uint8Array, first: Promise<unknown>): void
}

/** WeChat forgets a code after five minutes; until then its answer would only be "used". */
const LIFE = 5 * MINUTE
/** A flood of made-up codes must not fill the memory. */
const MOST = 100_000

export function codeMemory(clock: Clock): CodeMemory {
  const seen = new Recent<{ first: Promise<unknown>; at: number }>(MOST)
  let agedAt = clock.now()
  return {
    earlier: (codeHash) => {
      const found = seen.get(keyOf(codeHash))
      return found && clock.now() - found.at < LIFE ? found.first : undefined
    },
    hold(codeHash, first) {
      const key = keyOf(codeHash)
      const entry = { first, at: clock.now() }
      if (Math.abs(entry.at - agedAt) >= LIFE) {
        seen.age()
        agedAt = entry.at
      }
      seen.set(key, entry)
      first.then(
        () => {
          entry.first = ANSWERED
        },
        (error: unknown) => {
          if (!isFinal(error) && seen.get(key) === entry) seen.delete(key)
        },
      )
    },
  }
}

/** What every success becomes: an answer holds tokens, so none is kept. */
const ANSWERED: Promise<unknown> = Promise.resolve()

const FINAL: ReadonlySet<string> = new Set([
  'code_invalid',
  'code_spent',
  'user_blocked',
  'risk_refused',
  'snapshot_user',
])

/** After these, the code will never be good again; after any other, it may be. */
const isFinal = (error: unknown): boolean => error instanceof ProblemError && FINAL.has(error.code)

const keyOf = (codeHash: Uint8Array): string =>
  Buffer.from(codeHash.buffer, codeHash.byteOffset, codeHash.length).toString('latin1')

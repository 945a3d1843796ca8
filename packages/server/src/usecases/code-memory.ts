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

/** A code whose first post has not been answered, or was refused for good. */
interface Held {
  first: Promise<unknown>
  at: number
}

export function codeMemory(clock: Clock): CodeMemory {
  const began = clock.now()
  /** Of a code that was answered only the time is kept, in milliseconds since `began`: most are. */
  const seen = new Recent<Held | number>(MOST)
  const refusalOf = sharedRefusals()
  let agedAt = began
  return {
    earlier(codeHash) {
      const found = seen.get(keyOf(codeHash))
      if (found === undefined) return undefined
      const { first, at } = typeof found === 'number' ? { first: ANSWERED, at: began + found } : found
      return clock.now() - at < LIFE ? first : undefined
    },
    hold(codeHash, first) {
      const key = keyOf(codeHash)
      const entry: Held = { first, at: clock.now() }
      if (Math.abs(entry.at - agedAt) >= LIFE) {
        seen.age()
        agedAt = entry.at
      }
      seen.set(key, entry)
      first.then(
        () => {
          if (seen.get(key) === entry) seen.set(key, entry.at - began)
        },
        (error: unknown) => {
          if (isFinal(error)) entry.first = refusalOf(error)
          else if (seen.get(key) === entry) seen.delete(key)
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
const isFinal = (error: unknown): error is ProblemError => error instanceof ProblemError && FINAL.has(error.code)

/** One refusal for all that are refused alike: an error of each own, with its stack and its cause, takes two kilobytes. */
function sharedRefusals(): (error: ProblemError) => Promise<never> {
  const known = new Map<string, Promise<never>>()
  return ({ code, message }) => {
    const name = `${code} ${message}`
    const found = known.get(name) ?? Promise.reject<never>(new ProblemError(code, message))
    if (!known.has(name)) found.catch(() => undefined) // whoever posts the code again is told
    known.set(name, found)
    return found
  }
}

const keyOf = (codeHash: Uint8Array): string =>
  Buffer.from(codeHash.buffer, codeHash.byteOffset, codeHash.length).toString('latin1')

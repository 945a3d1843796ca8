import type { SessionId } from '../domain/ids.ts'
import { Recent } from '../domain/recent.ts'

const MOST_TOKENS = 10_000
/** An IPv6 network has as many blocks as anybody likes, and each would be a line in the audit. */
const MOST_ADDRESSES = 8

/** One refresh token that came again, and from where. */
export interface Repeat {
  sessionId: SessionId
  /** Of its successor. */
  generation: number
  /** The caller's address block, where known. */
  clientAddress: string | undefined
}

/** Which repeated refreshes this process has written down. */
export interface RepeatMemory {
  /** Whether it is yet to be written down; from now on it is not. */
  take(repeat: Repeat): boolean
  /** It could not be written down. */
  giveBack(repeat: Repeat): void
}

/**
 * A predecessor may come any number of times within its grace. The first time from each place says all there is to say; the
 * others must not cost a write, or fill the audit.
 */
export function repeatMemory(): RepeatMemory {
  const known = new Recent<Set<string>>(MOST_TOKENS)
  const keyOf = ({ sessionId, generation }: Repeat): string => `${sessionId} ${generation}`
  const placeOf = ({ clientAddress = 'unknown' }: Repeat): string => clientAddress
  return {
    take(repeat) {
      const places = known.get(keyOf(repeat)) ?? new Set()
      if (places.has(placeOf(repeat)) || places.size >= MOST_ADDRESSES) return false
      places.add(placeOf(repeat))
      known.set(keyOf(repeat), places)
      return true
    },
    giveBack: (repeat) => void known.get(keyOf(repeat))?.delete(placeOf(repeat)),
  }
}

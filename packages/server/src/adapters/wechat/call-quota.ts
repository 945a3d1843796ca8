import { SECOND } from '../../domain/time.ts'

const LEAST_REFUSALS = 20
const LEAST_ADDRESSES = 5
const PROBE_EVERY = SECOND

export interface CallQuota {
  /** Whether a call may go out at this moment, in milliseconds. While used up, one a second may. */
  admits(now: number): boolean
  /** WeChat answered that there were too many calls, to a caller of this address block, where it is known. */
  refused(clientAddress: string | undefined): void
  /** WeChat answered a call with a person: there is quota left. */
  succeeded(): void
}

/**
 * WeChat's minute limit is counted per person, so one phone in a login loop must stop nobody else. Only a row of refusals
 * from many address blocks, with no success between, says that the app itself is out of quota; then one call a second looks
 * whether it is over (threat T29).
 */
export function callQuota(): CallQuota {
  let inARow = 0
  const addresses = new Set<string>()
  let probedAt = 0
  return {
    admits(now) {
      if (inARow < LEAST_REFUSALS || addresses.size < LEAST_ADDRESSES) return true
      if (Math.abs(now - probedAt) < PROBE_EVERY) return false
      probedAt = now
      return true
    },
    refused(clientAddress) {
      inARow++
      if (addresses.size < LEAST_ADDRESSES) addresses.add(clientAddress ?? 'unknown')
    },
    succeeded() {
      inARow = 0
      addresses.clear()
    },
  }
}

import { probeTimer } from './probe-timer.ts'

const LEAST_REFUSALS = 20
const LEAST_ADDRESSES = 5

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
  const probe = probeTimer()
  return {
    admits: (now) => inARow < LEAST_REFUSALS || addresses.size < LEAST_ADDRESSES || probe.take(now),
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

import { SECOND } from '../../domain/time.ts'

const LEAST_REFUSALS = 20
const LEAST_PLACES = 5
const PROBE_EVERY = SECOND

export interface Quota {
  admits(now: number): boolean
  refused(from: string | undefined): void
  succeeded(): void
}

/**
 * WeChat's minute limit is counted per person, so one phone in a login loop must stop nobody else. Only a row of refusals
 * from many places, with no success between, says that the app itself is out of quota; then one call a second looks
 * whether it is over (threat T29).
 */
export function quota(): Quota {
  let inARow = 0
  const places = new Set<string>()
  let probedAt = 0
  return {
    admits(now) {
      if (inARow < LEAST_REFUSALS || places.size < LEAST_PLACES) return true
      if (Math.abs(now - probedAt) < PROBE_EVERY) return false
      probedAt = now
      return true
    },
    refused(from) {
      inARow++
      if (places.size < LEAST_PLACES) places.add(from ?? 'unknown')
    },
    succeeded() {
      inARow = 0
      places.clear()
    },
  }
}

import { ProblemError } from '../domain/problem-error.ts'
import { Recent } from '../domain/recent.ts'
import { MINUTE } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'

/** How often one address block, or one cloud key, may try to log in. */
export interface LoginLimit {
  /** @throws {ProblemError} `rate_limited` */
  take(from: string | undefined): void
}

const MOST_BUCKETS = 100_000

/** A bucket for each address block that fills up again evenly. Of each process its own. Zero switches it off. */
export function loginLimit(perMinute: number, clock: Clock): LoginLimit {
  const buckets = new Recent<{ left: number; at: number }>(MOST_BUCKETS)
  return {
    take(from) {
      if (perMinute === 0 || from === undefined) return
      const now = clock.now()
      const bucket = buckets.get(from) ?? { left: perMinute, at: now }
      const refilled = Math.min(perMinute, bucket.left + (Math.abs(now - bucket.at) / MINUTE) * perMinute)
      if (refilled < 1) {
        const retryAfter = Math.ceil(((1 - refilled) * MINUTE) / perMinute / 1000)
        throw new ProblemError('rate_limited', 'Too many logins from here. Wait a little.', { retryAfter })
      }
      buckets.set(from, { left: refilled - 1, at: now })
    },
  }
}

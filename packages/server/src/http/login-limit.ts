import { ProblemError } from '../domain/problem-error.ts'
import { Recent } from '../domain/recent.ts'
import { MINUTE } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Limit } from '../ports/limit.ts'

const MOST_BUCKETS = 100_000

/** How often one address block, or one cloud key, may log in: a bucket for each that fills up again evenly. Of each process its own. Zero switches it off. */
export function loginLimit(perMinute: number, clock: Clock): Limit {
  const buckets = new Recent<{ left: number; at: number }>(MOST_BUCKETS)
  return {
    take(name) {
      if (perMinute === 0 || name === undefined) return
      const now = clock.now()
      const bucket = buckets.get(name) ?? { left: perMinute, at: now }
      const refilled = Math.min(perMinute, bucket.left + (Math.abs(now - bucket.at) / MINUTE) * perMinute)
      if (refilled < 1) {
        const retryAfter = Math.ceil(((1 - refilled) * MINUTE) / perMinute / 1000)
        throw new ProblemError('rate_limited', 'Too many logins from here. Wait a little.', { retryAfter })
      }
      buckets.set(name, { left: refilled - 1, at: now })
    },
  }
}

import { DAY, SECOND } from '../fixture/time.ts'

/*
 * What must come of refresh tokens: docs/api.md and T18–T20 on arrays. A family is the list of its tokens in the order
 * in which they were made; to present one is to name its place.
 */

const GRACE = 30 * SECOND
const IDLE = 30 * DAY
const ABSOLUTE = 90 * DAY

export type Refusal = 'refresh_reused' | 'token_invalid' | 'token_expired' | 'user_blocked'

export interface Family {
  readonly bornAt: number
  usedAt: number
  rotatedAt: number
  /** The place of the newest token; where a token stands is how many rotations came before it. */
  newest: number
  /** `exposed`: somebody presented a token whose time was over, so two may hold the family, and nobody keeps it. */
  state: 'live' | 'exposed' | 'over'
}

export const newFamily = (now: number): Family => ({
  bornAt: now,
  usedAt: now,
  rotatedAt: now,
  newest: 0,
  state: 'live',
})

/** What comes of presenting the token at a place: the place of the token that is answered, or a refusal. */
export function present(family: Family, place: number, now: number): number | Refusal {
  if (family.state === 'exposed') return 'refresh_reused'
  if (family.state === 'over') return 'token_invalid'
  if (isOld(family, now)) {
    family.state = 'over'
    return 'token_expired'
  }
  if (place === family.newest) {
    family.newest++
    family.rotatedAt = now
    family.usedAt = Math.max(now, family.usedAt)
    return family.newest
  }
  if (place === family.newest - 1 && isWithinGrace(family, now)) return family.newest
  family.state = 'exposed'
  return 'refresh_reused'
}

export const isOld = ({ usedAt, bornAt }: Family, now: number): boolean =>
  now - usedAt >= IDLE || now - bornAt >= ABSOLUTE

/** By a clock that may step: as far back as forth, so that no step opens a grace again. */
export const isWithinGrace = ({ rotatedAt }: Family, now: number): boolean => Math.abs(now - rotatedAt) <= GRACE

import { fragment } from '../../sql.ts'

/**
 * Sessions that live and those that ended stand in indices of their own, so that a login never reads what is past. What
 * concerns every session of a user is therefore asked of both halves.
 */
export const LIVE_AND_PAST = [fragment`ended IS NULL`, fragment`ended IS NOT NULL`] as const

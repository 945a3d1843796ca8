import type { UserId } from '../../../domain/ids.ts'
import { row, type Steps, text } from '../script.ts'

/**
 * Holds the row of a living user until the commit and returns the user's id. A former id stands for its survivor, also
 * when the two became one a moment ago.
 */
export function* holdUser(id: UserId): Steps<UserId | undefined> {
  for (let asked = id; ; ) {
    const found = yield* row('SELECT COALESCE(survivor_id, id) AS id FROM users WHERE id = ?', asked)
    if (!found) return undefined
    asked = text(found.id) as UserId
    const held = yield* row('SELECT status FROM users WHERE id = ? FOR NO KEY UPDATE', asked)
    if (held?.status === 'active' || held?.status === 'blocked') return asked
    if (held?.status !== 'unified') return undefined
  }
}

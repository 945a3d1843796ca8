import type { Reconciliation } from '../../../../ports/reconciliation.ts'
import { CONFLICT, conflictRow } from '../../rows/conflict.ts'
import { all, fragment, nothing, sql } from '../../sql.ts'
import { search } from '../../transaction.ts'

const OPEN = fragment`AND decision IS NULL`

export const listConflicts = search<Reconciliation['listConflicts']>(function* ({ after, limit, open }) {
  const which = open ? OPEN : nothing
  const found = yield* all(
    after === undefined
      ? sql`
          SELECT ${CONFLICT} FROM conflicts WHERE first_seen_at >= 0 ${which}
          ORDER BY first_seen_at DESC, id DESC LIMIT ${limit}`
      : sql`
          SELECT ${CONFLICT} FROM conflicts
          WHERE (first_seen_at, id) < (SELECT first_seen_at, id FROM conflicts WHERE id = ${after}) ${which}
          ORDER BY first_seen_at DESC, id DESC LIMIT ${limit}`,
  )
  return found.map(conflictRow)
})

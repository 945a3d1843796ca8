import type { Reconciliation } from '../../../../ports/reconciliation.ts'
import { CONFLICT, conflictRow } from '../../rows/conflict.ts'
import { all, sql } from '../../sql.ts'
import { read } from '../../transaction.ts'

export const listConflicts = read<Reconciliation['listConflicts']>(function* ({ after, limit, open }) {
  const found = yield* all(sql`
    SELECT ${CONFLICT} FROM conflicts
    WHERE (${open ? 1 : 0} = 0 OR decision IS NULL)
      AND (CAST(${after} AS TEXT) IS NULL
        OR (first_seen_at, id) < (SELECT first_seen_at, id FROM conflicts WHERE id = ${after}))
    ORDER BY first_seen_at DESC, id DESC LIMIT ${limit}`)
  return found.map(conflictRow)
})

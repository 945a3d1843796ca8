import type { Reconciliation } from '../../../../ports/reconciliation.ts'
import { unificationRow } from '../../rows/unification.ts'
import { all, sql } from '../../sql.ts'
import { read } from '../../transaction.ts'

export const listUnifications = read<Reconciliation['listUnifications']>(function* ({ after, limit }) {
  const found = yield* all(sql`
    SELECT id, realm_id, survivor_id, absorbed_id, created_at, undone_at FROM unifications
    WHERE CAST(${after} AS TEXT) IS NULL
      OR (created_at, id) < (SELECT created_at, id FROM unifications WHERE id = ${after})
    ORDER BY created_at DESC, id DESC LIMIT ${limit}`)
  return found.map(unificationRow)
})

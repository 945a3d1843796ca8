import type { Reconciliation } from '../../../../ports/reconciliation.ts'
import { unificationRow } from '../../rows/unification.ts'
import { all, fragment, sql } from '../../sql.ts'
import { search } from '../../transaction.ts'

const UNIFICATION = fragment`id, realm_id, survivor_id, absorbed_id, created_at, undone_at`

export const listUnifications = search<Reconciliation['listUnifications']>(function* ({ after, limit }) {
  const found = yield* all(
    after === undefined
      ? sql`
          SELECT ${UNIFICATION} FROM unifications WHERE created_at >= 0
          ORDER BY created_at DESC, id DESC LIMIT ${limit}`
      : sql`
          SELECT ${UNIFICATION} FROM unifications
          WHERE (created_at, id) < (SELECT created_at, id FROM unifications WHERE id = ${after})
          ORDER BY created_at DESC, id DESC LIMIT ${limit}`,
  )
  return found.map(unificationRow)
})

import type { UnificationRecord } from '../../../domain/unification.ts'
import type { UnificationEntry } from '../../../ports/reconciliation.ts'
import type { Row } from '../sql.ts'
import { json, number, optional, realmId, text, userId } from './columns.ts'

export const unificationRow = (found: Row): UnificationEntry => ({
  id: text(found.id),
  realmId: realmId(found.realm_id),
  survivorId: userId(found.survivor_id),
  absorbedId: userId(found.absorbed_id),
  createdAt: number(found.created_at),
  undoneAt: optional(number, found.undone_at),
})

/** What stands in the place of a record that was erased. */
export const ERASED = '{}'

/** What a unification wrote down about itself, for as long as it can be undone. */
export const unificationRecord = ({ detail }: Row): UnificationRecord | undefined =>
  detail === ERASED ? undefined : json<UnificationRecord>(detail)

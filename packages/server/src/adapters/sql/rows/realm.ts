import type { Realm } from '../../../domain/app.ts'
import type { Row } from '../sql.ts'
import { number, realmId, text } from './columns.ts'

export const realmRow = (found: Row): Realm => ({
  id: realmId(found.id),
  name: text(found.name),
  createdAt: number(found.created_at),
})

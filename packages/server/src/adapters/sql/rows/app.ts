import { storedAppKind } from '../../../domain/app.ts'
import type { StoredApp } from '../../../ports/registry.ts'
import type { Row } from '../sql.ts'
import { appId, json, number, realmId, text } from './columns.ts'

export const appRow = (found: Row): StoredApp => ({
  id: appId(found.id),
  realmId: realmId(found.realm_id),
  kind: storedAppKind(found.kind),
  name: text(found.name),
  secretSealed: text(found.secret_sealed),
  origins: json(found.origins),
  createdAt: number(found.created_at),
})

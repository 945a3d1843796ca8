import type { AppKind } from '../../../domain/app.ts'
import type { StoredApp } from '../../../ports/registry.ts'
import type { Row } from '../sql.ts'
import { appId, json, number, oneOf, realmId, text } from './columns.ts'

export const appKind = oneOf<AppKind>('kind of app', {
  miniprogram: true,
  'official-account': true,
  website: true,
  mobile: true,
})

export const appRow = (found: Row): StoredApp => ({
  id: appId(found.id),
  realmId: realmId(found.realm_id),
  kind: appKind(found.kind),
  name: text(found.name),
  secretSealed: text(found.secret_sealed),
  origins: json(found.origins),
  createdAt: number(found.created_at),
})

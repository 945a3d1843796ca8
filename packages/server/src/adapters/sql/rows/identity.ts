import { storedAppKind } from '../../../domain/app.ts'
import type { IdentityName } from '../../../domain/unification.ts'
import type { Identity } from '../../../domain/user.ts'
import type { Row } from '../sql.ts'
import { appId, flag, number, openid } from './columns.ts'

export const identityNameRow = (found: Row): IdentityName => ({
  appId: appId(found.app_id),
  openid: openid(found.openid),
})

export const identityRow = (found: Row): Identity => ({
  appId: appId(found.app_id),
  kind: storedAppKind(found.kind),
  openid: openid(found.openid),
  pinned: flag(found.pinned),
  firstSeenAt: number(found.first_seen_at),
  lastSeenAt: number(found.last_seen_at),
})

import type { CloudKey } from '../../../domain/cloud-key.ts'
import type { Row } from '../sql.ts'
import { appId, number, oneOf, optional, text } from './columns.ts'

const trust = oneOf<'trust' | 'ignore'>('trust in a unionid', { trust: true, ignore: true })

export const cloudKeyRow = (found: Row): CloudKey => ({
  id: text(found.id),
  appId: appId(found.app_id),
  publicJwk: text(found.public_jwk),
  trustsUnionid: trust(found.unionid) === 'trust',
  createdAt: number(found.created_at),
  revokedAt: optional(number, found.revoked_at),
})

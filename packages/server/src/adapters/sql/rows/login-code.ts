import type { EarlierLogin } from '../../../ports/logins.ts'
import type { Row } from '../sql.ts'
import { bytes, flag, number, optional } from './columns.ts'

export const loginCodeRow = (found: Row): Pick<EarlierLogin, 'createdAt' | 'nonceHash' | 'isNew'> => ({
  createdAt: number(found.created_at),
  nonceHash: optional(bytes, found.nonce_hash),
  isNew: flag(found.is_new),
})

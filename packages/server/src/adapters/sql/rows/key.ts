import type { KeyPurpose, StoredKey } from '../../../ports/registry.ts'
import type { Row } from '../sql.ts'
import { number, oneOf, optional, text } from './columns.ts'

const keyPurpose = oneOf<KeyPurpose>('purpose of a key', { signing: true, refresh: true })

export const keyRow = (found: Row): StoredKey => ({
  number: number(found.number),
  purpose: keyPurpose(found.purpose),
  algorithm: text(found.algorithm),
  sealed: text(found.sealed),
  createdAt: number(found.created_at),
  retiredAt: optional(number, found.retired_at),
})

import type { KeyPurpose, KeyTimes } from '../../../domain/key-state.ts'
import type { StoredKey } from '../../../ports/registry.ts'
import type { Row } from '../sql.ts'
import { number, oneOf, optional, text } from './columns.ts'

const keyPurpose = oneOf<KeyPurpose>('purpose of a key', { signing: true, refresh: true })

/** Of a row whose `signs_from` is filled in. */
export const keyTimesRow = (found: Row): KeyTimes & { algorithm: string } => ({
  number: number(found.number),
  algorithm: text(found.algorithm),
  signsFrom: number(found.signs_from),
  retiredAt: optional(number, found.retired_at),
})

export const keyRow = (found: Row): StoredKey => ({
  ...keyTimesRow(found),
  purpose: keyPurpose(found.purpose),
  sealed: text(found.sealed),
  createdAt: number(found.created_at),
})

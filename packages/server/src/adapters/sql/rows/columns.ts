import type { AppId, OpenId, UnionId } from '@hufu/wechat/words'
import type { RealmId, SessionId, UserId } from '../../../domain/ids.ts'
import type { Value } from '../sql.ts'

/*
 * One column read as what it is. Rows are ours and were checked when they were written; a column that is not what it
 * should be is a fault, and stops whatever reads it.
 */

type Column = Value | undefined

export const text = (column: Column): string => {
  if (typeof column !== 'string') throw new TypeError('expected text in a column')
  return column
}

export const number = (column: Column): number => {
  if (typeof column !== 'number') throw new TypeError('expected a number in a column')
  return column
}

export const bytes = (column: Column): Uint8Array => {
  if (!(column instanceof Uint8Array)) throw new TypeError('expected bytes in a column')
  return column
}

/** Kept as 1 and 0. */
export const flag = (column: Column): boolean => number(column) === 1

/** JSON that we wrote: its shape is what the writer's type said. */
export const json = <Written>(column: Column): Written => JSON.parse(text(column))

export const optional = <Read>(read: (column: Column) => Read, column: Column): Read | undefined =>
  column === null || column === undefined ? undefined : read(column)

/**
 * Reads one of a closed set of words, and no other: what this release does not know it must not take for something else.
 *
 * @param words all of them, so that the compiler misses none
 */
export const oneOf =
  <Word extends string>(what: string, words: Record<Word, true>) =>
  (column: Column): Word => {
    const word = text(column)
    if (!Object.hasOwn(words, word)) throw new TypeError(`a row has a ${what} that this release does not know`)
    return word as Word
  }

export const userId = (column: Column): UserId => text(column) as UserId
export const sessionId = (column: Column): SessionId => text(column) as SessionId
export const realmId = (column: Column): RealmId => text(column) as RealmId
export const appId = (column: Column): AppId => text(column) as AppId
export const openid = (column: Column): OpenId => text(column) as OpenId
export const unionid = (column: Column): UnionId => text(column) as UnionId

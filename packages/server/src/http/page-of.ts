import type { List } from '@hufu/contract'

/** A full page says where the next begins; one that is not full is the last. */
export function pageOf<Item>(items: Item[], limit: number, idOf: (item: Item) => string): List<Item> {
  const last = items.length === limit ? items.at(-1) : undefined
  return { items, next: last === undefined ? null : idOf(last) }
}

/** A list that is never long. */
export const wholeList = <Item>(items: Item[]): List<Item> => ({ items, next: null })

/** What a column holds, in every store that we speak to. */
export type Value = string | number | Uint8Array | null
export type Row = Record<string, Value>

/**
 * One statement with its values bound. Placeholders are `?`. `FOR UPDATE` and `FOR SHARE` mark rows that must not
 * change until the commit; a store with one writer leaves the words out.
 */
export interface Statement {
  sql: string
  values: readonly Value[]
}

/**
 * Names that logins contend for, which a script asks for before anything else. A store with many writers takes them, in
 * one order for everybody, before it goes on; a store with one writer has nothing to do.
 */
export interface Lock {
  lock: readonly string[]
}

/**
 * A transaction, written once for every store: a generator that yields statements and is handed their rows. It holds no
 * clock, no randomness and no state of its own, so that running it again from the start is always allowed; what it does
 * is atomic, and its result leaves only after the commit is durable.
 */
export type Script<Input, Output> = (input: Input) => Steps<Output>
export type Steps<Output> = Generator<Statement | Lock, Output, Row[]>

export function* rows(sql: string, ...values: Value[]): Steps<Row[]> {
  return yield { sql, values }
}

export function* row(sql: string, ...values: Value[]): Steps<Row | undefined> {
  const found = yield { sql, values }
  return found[0]
}

export function* lock(...names: string[]): Steps<void> {
  yield { lock: names }
}

/** The names that a script asks for before anything else; none for a script that takes no lock. */
export function locksOf(steps: Steps<unknown>): readonly string[] {
  const first = steps.next()
  return !first.done && 'lock' in first.value ? first.value.lock : []
}

/** How many rows a writing statement changed: it must end in `RETURNING 1`. */
export function* changes(sql: string, ...values: Value[]): Steps<number> {
  const found = yield { sql, values }
  return found.length
}

/** For a store with one writer, and for whoever only looks: nothing changes under them anyway. */
export const withoutLocks = (sql: string): string =>
  sql.replace(/ FOR (UPDATE|NO KEY UPDATE|SHARE|KEY SHARE)( OF \w+(, \w+)*)?\b/, '')

export const text = (value: Value | undefined): string => {
  if (typeof value !== 'string') throw new TypeError('expected text in a column')
  return value
}
export const number = (value: Value | undefined): number => {
  if (typeof value !== 'number') throw new TypeError('expected a number in a column')
  return value
}
export const bytes = (value: Value | undefined): Uint8Array => {
  if (!(value instanceof Uint8Array)) throw new TypeError('expected bytes in a column')
  return value
}
export const optional = <T>(read: (value: Value | undefined) => T, value: Value | undefined): T | undefined =>
  value === null || value === undefined ? undefined : read(value)

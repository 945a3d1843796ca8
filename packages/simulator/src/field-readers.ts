import { SimulatorError } from './simulator-error.ts'

/** Reads one field of a request: the value, or a SimulatorError that names the field and never quotes the value. */
export type Reader<T> = (value: unknown, name: string) => T

const wrong = (name: string, expected: string) => new SimulatorError('invalid_request', `${name} must be ${expected}.`)

export const text: Reader<string> = (value, name) => {
  if (typeof value !== 'string') throw wrong(name, 'text')
  return value
}
export const number: Reader<number> = (value, name) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(name, 'a number')
  return value
}
export const yesOrNo: Reader<boolean> = (value, name) => {
  if (typeof value !== 'boolean') throw wrong(name, 'true or false')
  return value
}
export const oneOf =
  <T extends string>(choices: readonly T[]): Reader<T> =>
  (value, name) => {
    const choice = choices.find((one) => one === value)
    if (choice === undefined) throw wrong(name, `one of ${choices.join(', ')}`)
    return choice
  }
export const orNull =
  <T>(read: Reader<T>): Reader<T | null> =>
  (value, name) =>
    value === null ? null : read(value, name)
export const optional =
  <T>(read: Reader<T>): Reader<T | undefined> =>
  (value, name) =>
    value === undefined ? undefined : read(value, name)

type Readers = Record<string, Reader<unknown>>
export type ReadBy<R extends Readers> = { [K in keyof R]: ReturnType<R[K]> }

/** Reads a JSON object field by field; a field that no reader is there for is refused by name. */
export function readObject<R extends Readers>(value: unknown, readers: R): ReadBy<R> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('The body', 'a JSON object')
  const bag: Record<string, unknown> = { ...value }
  const unknown = Object.keys(bag).filter((name) => !Object.hasOwn(readers, name))
  if (unknown.length > 0) {
    const known = Object.keys(readers).join(', ') || 'none'
    throw new SimulatorError('invalid_request', `Unknown field: ${unknown.join(', ')}. Known here: ${known}.`)
  }
  const read = Object.entries(readers).map(([name, reader]) => [name, reader(bag[name], name)])
  return Object.fromEntries(read)
}

export function readJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new SimulatorError('invalid_request', 'The body is not JSON.')
  }
}

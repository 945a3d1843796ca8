import { ProblemError } from '../domain/problem-error.ts'

/**
 * What a query parameter may be; all but `limit` may be absent. A list names the words that are allowed, and a function
 * knows the ids that are.
 */
export type Parameter = 'text?' | 'number?' | 'boolean?' | 'limit' | readonly string[] | ((raw: string) => boolean)

/** The parameters that a route knows. */
export type QueryShape = Readonly<Record<string, Parameter>>

/** The query of a route once it was read. `limit` is 1 to 200, 50 if absent. */
export type QueryOf<Q extends QueryShape> = { [Name in keyof Q]: ValueOf<Q[Name]> }

type ValueOf<P> = P extends 'limit'
  ? number
  : P extends 'number?'
    ? number | undefined
    : P extends 'boolean?'
      ? boolean | undefined
      : P extends readonly (infer Word)[]
        ? Word | undefined
        : string | undefined

const MOST = 200
const USUAL = 50

/**
 * Reads a query once, whole. Parameters that are not asked for are refused, not ignored: a stray `openid` or
 * `access_token` never counts (threat T03). What is wrong is named, never quoted.
 *
 * @throws {ProblemError} `invalid_request`
 */
export function readQuery<Q extends QueryShape>(url: string, shape: Q): QueryOf<Q> {
  const given = url.includes('?') ? new URL(url).searchParams : new URLSearchParams()
  refuseStrays([...given.keys()], Object.keys(shape))
  return Object.fromEntries(
    Object.entries(shape).map(([name, parameter]) => [name, readValue(name, parameter, given.get(name))]),
  ) as QueryOf<Q>
}

function refuseStrays(given: string[], known: string[]): void {
  const repeated = known.filter((name) => given.filter((one) => one === name).length > 1)
  if (repeated.length === 0 && given.every((name) => known.includes(name))) return
  const which = repeated.length > 0 ? `Given more than once: ${repeated.join(', ')}. ` : ''
  throw new ProblemError(
    'invalid_request',
    `${which}Query parameters known here: ${known.join(', ') || 'none'}, each once.`,
  )
}

function readValue(name: string, parameter: Parameter, raw: string | null): unknown {
  if (raw === null) return parameter === 'limit' ? USUAL : undefined
  if (typeof parameter === 'function') return parameter(raw) ? raw : wrong(name, 'an id as Hufu gave it')
  if (typeof parameter === 'object') return parameter.includes(raw) ? raw : wrong(name, parameter.join(', '))
  switch (parameter) {
    case 'text?':
      return raw === '' ? wrong(name, 'text') : raw
    case 'number?':
      return /^\d{1,15}$/.test(raw) ? Number(raw) : wrong(name, 'a whole number')
    case 'boolean?': // nothing else: who asks in another word shall not believe that it counted
      return raw === 'true' || raw === 'false' ? raw === 'true' : wrong(name, 'true or false')
    case 'limit':
      return /^\d{1,3}$/.test(raw) && Number(raw) >= 1 && Number(raw) <= MOST
        ? Number(raw)
        : wrong(name, `1 to ${MOST}`)
  }
}

function wrong(name: string, expected: string): never {
  throw new ProblemError('invalid_request', `Wrong: ${name} (${expected}).`)
}

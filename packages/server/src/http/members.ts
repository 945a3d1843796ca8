import { ProblemError } from '../domain/problem-error.ts'

type Kind = 'text' | 'text?' | 'boolean?' | 'texts?'

/** The members of a JSON body, each with what it must be; `?` marks what may be absent. */
export type Shape = Readonly<Record<string, Kind>>

/** What a body of this shape is once it was read. */
export type MembersOf<S extends Shape> = {
  [Name in keyof S]: S[Name] extends 'boolean?'
    ? boolean | undefined
    : S[Name] extends 'texts?'
      ? string[] | undefined
      : S[Name] extends 'text?'
        ? string | undefined
        : string
}

/** The shape of a body that the contract knows: `body: { … } satisfies ShapeOf<NewApp>`. */
export type ShapeOf<Body> = {
  readonly [Name in keyof Required<Body>]: Record<never, never> extends Pick<Body, Name>
    ? NonNullable<Body[Name]> extends string
      ? 'text?'
      : NonNullable<Body[Name]> extends boolean
        ? 'boolean?'
        : 'texts?'
    : 'text'
}

/** A body of this shape, with nothing in it. */
export function exampleOf(shape: Shape): string {
  const required = Object.entries(shape).filter(([, kind]) => !kind.endsWith('?'))
  return `{${required.map(([name]) => `"${name}": "…"`).join(', ')}}`
}

/**
 * Reads the members of a body. What is wrong is named, never quoted; what is not asked for is refused, so that nobody
 * believes a stray `openid` counted (threat T03).
 *
 * @throws {ProblemError} `invalid_request`
 */
export function readMembers<const S extends Shape>(body: unknown, shape: S): MembersOf<S> {
  if (typeof body === 'string') {
    throw new ProblemError(
      'invalid_request',
      `The body is a JSON string: made JSON twice, or one value alone. Send an object: ${exampleOf(shape)}`,
    )
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ProblemError(
      'invalid_request',
      `Expected a JSON object with: ${Object.keys(shape).join(', ') || 'nothing'}.`,
    )
  }
  const members = new Map(Object.entries(body))
  const wrong = Object.entries(shape).filter(([name, kind]) => !fits(members.get(name), kind))
  if (wrong.length > 0) {
    const expected = wrong.map(([name, kind]) => `${name} (${kind.replace('?', ', optional')})`)
    throw new ProblemError('invalid_request', `Wrong or missing: ${expected.join('; ')}.`)
  }
  if ([...members.keys()].some((name) => !Object.hasOwn(shape, name))) {
    throw new ProblemError(
      'invalid_request',
      `The body has members that are not known here. Known: ${Object.keys(shape).join(', ')}.`,
    )
  }
  return Object.fromEntries(Object.keys(shape).map((name) => [name, members.get(name)])) as MembersOf<S>
}

function fits(value: unknown, kind: Kind): boolean {
  if (value === undefined) return kind.endsWith('?')
  if (kind === 'boolean?') return typeof value === 'boolean'
  if (kind === 'texts?') return Array.isArray(value) && value.every((one) => typeof one === 'string')
  return typeof value === 'string' && value !== ''
}

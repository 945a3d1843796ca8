import type { Act } from '../domain/act.ts'
import type { Person } from '../usecases/authenticate.ts'
import type { MembersOf, Shape } from './members.ts'
import type { QueryOf, QueryShape } from './query.ts'

/** One request, as far as a route may look at it: read, checked, and admitted. */
export interface Incoming<Q extends QueryShape = QueryShape, B extends Shape = Shape> {
  request: Request
  /** Who calls, in which request, when: since the body was read. */
  act: Act
  /** Values of `:name` parts of the path. */
  path(name: string): string
  query: QueryOf<Q>
  /** Empty for a route that declares none: it ignores a body or reads it by itself. */
  body: MembersOf<B>
  /** What the listener knows besides; only a route that is made for one listener looks at it. */
  env: unknown
  /** The caller's address block, where known. */
  clientAddress: string | undefined
}

interface Common<Q, B> {
  on: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  path: string
  /** Parameters beside these are refused. */
  query?: Q
  /** Members beside these are refused. */
  body?: B
  /** The body may be left out altogether, where each of its members may. */
  mayOmitBody?: true
  /** Anybody may read it, any page too; what a probe puts into its query is not looked at. */
  published?: true
}

interface OpenRoute<Q extends QueryShape, B extends Shape> extends Common<Q, B> {
  who: 'anyone'
  /** Refuses a caller before their body is read. @throws {ProblemError} */
  admit?(arrived: Pick<Incoming, 'clientAddress' | 'request'>): void
  run(incoming: Incoming<Q, B>): Promise<Response>
}

interface PersonRoute<Q extends QueryShape, B extends Shape> extends Common<Q, B> {
  who: 'person'
  run(incoming: Incoming<Q, B>, person: Person): Promise<Response>
}

interface OperatorRoute<Q extends QueryShape, B extends Shape> extends Common<Q, B> {
  who: 'operator'
  run(incoming: Incoming<Q, B>): Promise<Response>
}

/** A route says who may call it; one that does not say does not compile. */
export type Route<Q extends QueryShape = QueryShape, B extends Shape = Shape> =
  | OpenRoute<Q, B>
  | PersonRoute<Q, B>
  | OperatorRoute<Q, B>

type Nothing = Record<never, never>

/** A route whose `run` sees its query and body as it declares them. */
export const route = <const Q extends QueryShape = Nothing, const B extends Shape = Nothing>(
  declared: Route<Q, B>,
): Route => declared as Route

const JSON_HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' }

export const json = (body: object, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: JSON_HEADERS })

export const noContent = (): Response => new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } })

export const isoTime = (at: number): string => new Date(at).toISOString()

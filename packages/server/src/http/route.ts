import type { Person } from '../usecases/authenticate.ts'

/** One request, as far as a route may look at it. */
export interface Incoming {
  request: Request
  requestId: string
  /** Values of `:name` parts of the path. */
  path(name: string): string
  /** What the listener knows besides; only a route that is made for one listener looks at it. */
  env: unknown
  /** The caller's address block, where known. */
  clientAddress: string | undefined
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** A route says who may call it; one that does not say does not compile. */
export type Route =
  | { on: Method; path: string; who: 'anyone'; query?: readonly string[]; run(incoming: Incoming): Promise<Response> }
  | {
      on: Method
      path: string
      who: 'person'
      query?: readonly string[]
      run(incoming: Incoming, person: Person): Promise<Response>
    }
  | { on: Method; path: string; who: 'operator'; query?: readonly string[]; run(incoming: Incoming): Promise<Response> }

const JSON_HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' }

export const json = (body: object, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: JSON_HEADERS })

export const nothing = (): Response => new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } })

export const isoTime = (at: number): string => new Date(at).toISOString()

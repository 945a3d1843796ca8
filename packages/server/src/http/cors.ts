import { ProblemError } from '../domain/problem-error.ts'
import type { Directory } from '../ports/directory.ts'
import type { Log } from '../ports/log.ts'

/** Which browser pages may call a listener. There are no cookies, so nothing else is let through. */
export interface Cors {
  /** Refuses a page that is on no list, before anything is done for it. @throws {ProblemError} `forbidden` */
  admit(request: Request): void
  /** The headers by which a browser lets the page read an answer; none for other callers. */
  headersFor(request: Request): Record<string, string>
}

/** Operators and gateways are no pages: no browser gets permission, and nobody is refused for being one. */
export const noCors: Cors = { admit: () => {}, headersFor: () => ({}) }

/** A flood of made-up origins must not fill the memory, nor the log. */
const MOST_TOLD = 1000

/**
 * Pages of the origins that operators named, and those of this server itself.
 *
 * @param own the origin of the issuer
 */
export function listedOrigins({ directory, own, log }: { directory: Directory; own: string; log: Log }): Cors {
  const told = new Set<string>()
  return {
    admit(request) {
      const origin = request.headers.get('origin')
      if (origin === null || directory.hasOrigin(origin) || origin === own || isSameHost(origin, request)) return
      tell(origin)
      throw new ProblemError(
        'forbidden',
        'Pages of this origin may not call. An operator lets them with: hufu app origins <appId> add <origin>',
      )
    },
    headersFor(request) {
      const origin = request.headers.get('origin')
      if (origin === null || !directory.hasOrigin(origin)) return {}
      return {
        'access-control-allow-origin': origin,
        'access-control-expose-headers': 'retry-after, www-authenticate',
        vary: 'origin',
      }
    },
  }

  function tell(origin: string): void {
    const name = URL.parse(origin)?.origin === origin ? origin.slice(0, 300) : 'not an origin'
    if (told.has(name) || told.size >= MOST_TOLD) return
    told.add(name)
    log.warn('origin_refused', { origin: name, advice: 'to let its pages call: hufu app origins <appId> add <origin>' })
  }
}

/** A page of ours, under whatever name: a browser writes both, and a proxy may have changed the scheme. */
const isSameHost = (origin: string, request: Request): boolean =>
  URL.parse(origin)?.host === URL.parse(request.url)?.host

/** Says which methods a path has, and to a browser that its page may use them. */
export function answerPreflight(cors: Cors, request: Request, allowed: string): Response {
  cors.admit(request)
  const permitted = cors.headersFor(request)
  if (permitted.vary === undefined) return new Response(null, { status: 204, headers: { allow: allowed } })
  const { 'access-control-expose-headers': _, ...headers } = permitted
  return new Response(null, {
    status: 204,
    headers: {
      ...headers,
      allow: allowed,
      'access-control-allow-methods': allowed,
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-max-age': '600',
    },
  })
}

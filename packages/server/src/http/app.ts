import { Hono } from 'hono'
import { newId } from '../domain/ids.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { Directory } from '../ports/directory.ts'
import type { Log } from '../ports/log.ts'
import { type AuthenticateDeps, authenticate } from '../usecases/authenticate.ts'
import { answerPreflight, withCors } from './cors.ts'
import { problemResponse } from './problem.ts'
import type { Incoming, Route } from './route.ts'
import { isBearerToken } from './token-form.ts'

export interface AppDeps extends AuthenticateDeps {
  clock: Clock
  log: Log
  directory: Directory
  /** Where a request came from, as the listener knows it; undefined where nobody does. */
  clientAddressOf(request: Request, env: unknown): string | undefined
  /** @throws {ProblemError} `forbidden` or `token_invalid` unless an operator is calling. */
  admitOperator(request: Request): void
}

/** Mounts routes: request id, who may call, errors into problems, CORS, and 404 and 405 for the rest. */
export function createApp(deps: AppDeps, routes: Route[]): Hono {
  const app = new Hono({ strict: true })
  for (const [path, group] of Map.groupBy(routes, (route) => route.path)) {
    for (const route of group) {
      app.on(route.on, path, (context) =>
        answer(deps, context.req.raw, async (requestId) => {
          refuseQuery(context.req.raw.url, route.query)
          const clientAddress = deps.clientAddressOf(context.req.raw, context.env)
          const path = (name: string): string => context.req.param(name) ?? ''
          return run(deps, route, { request: context.req.raw, requestId, env: context.env, clientAddress, path })
        }),
      )
    }
    const allowed = group.map(({ on }) => on).join(', ')
    app.options(path, (context) => answerPreflight(deps.directory, context.req.raw, allowed))
    app.all(path, (context) =>
      answer(
        deps,
        context.req.raw,
        async () => {
          throw new ProblemError('method_not_allowed', `Allowed here: ${allowed}.`)
        },
        { allow: allowed },
      ),
    )
  }
  app.notFound((context) =>
    answer(deps, context.req.raw, async () => {
      throw new ProblemError('not_found', 'There is nothing at this path.')
    }),
  )
  return app
}

async function answer(
  deps: AppDeps,
  request: Request,
  respond: (requestId: string) => Promise<Response>,
  extra: Record<string, string> = {},
): Promise<Response> {
  const requestId = newId('req', deps.clock.now())
  let response: Response
  try {
    response = await respond(requestId)
  } catch (error) {
    response = problemResponse(error, { requestId, log: deps.log })
    // A body that was refused unread may still be on its way: nothing after it on this connection could be trusted.
    if (response.status === 413) response.headers.set('connection', 'close')
  }
  for (const [name, value] of Object.entries(extra)) response.headers.set(name, value)
  return withCors(deps.directory, request, response)
}

async function run(deps: AppDeps, route: Route, incoming: Incoming): Promise<Response> {
  switch (route.who) {
    case 'anyone':
      return route.run(incoming)
    case 'person':
      return route.run(incoming, await authenticate(deps, bearer(incoming.request)))
    case 'operator':
      deps.admitOperator(incoming.request)
      return route.run(incoming)
  }
}

/** RFC 6750 §2.1: a token travels in the header only. */
export function bearer(request: Request): string {
  const header = request.headers.get('authorization') ?? ''
  const token = /^Bearer (\S+)$/i.exec(header)?.[1]
  if (!token || !isBearerToken(token))
    throw new ProblemError('token_invalid', 'Send the access token as: Authorization: Bearer …')
  return token
}

/** Parameters that are not asked for are refused, not ignored: a stray `openid` or `access_token` never counts (T03). */
function refuseQuery(url: string, known: readonly string[] = []): void {
  if (!url.includes('?')) return
  const names = [...new URL(url).searchParams.keys()]
  if (names.every((name) => known.includes(name)) && new Set(names).size === names.length) return
  throw new ProblemError('invalid_request', `Query parameters known here: ${known.join(', ') || 'none'}, each once.`)
}

import { Hono } from 'hono'
import { ANYBODY, OPERATOR, userActor } from '../domain/act.ts'
import { newId } from '../domain/ids.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import { type AuthenticateDeps, authenticate } from '../usecases/authenticate.ts'
import type { AdmitOperator } from './admit-operator.ts'
import { bearer } from './bearer.ts'
import { readJson } from './body.ts'
import { answerPreflight, type Cors } from './cors.ts'
import { exactPath } from './exact-path.ts'
import { readMembers } from './members.ts'
import { problemResponse } from './problem.ts'
import { readQuery } from './query.ts'
import type { Incoming, Route } from './route.ts'

export interface AppDeps extends AuthenticateDeps {
  clock: Clock
  log: Log
  /** Which browser pages may call this listener. */
  cors: Cors
  /** The path of the issuer, under which every route stands too; empty where it has none. */
  basePath: string
  /** Where a request came from, as the listener knows it; undefined where nobody does. */
  clientAddressOf(request: Request, env: unknown): string | undefined
  admitOperator: AdmitOperator
}

/** Mounts routes: request id, who may call, errors into problems, CORS, and 404 and 405 for the rest. */
export function createApp(deps: AppDeps, routes: Route[]): Hono {
  const app = new Hono({ strict: true, getPath: (request) => exactPath(request.url, deps.basePath) })
  for (const [path, group] of Map.groupBy(routes, (route) => route.path)) {
    for (const route of group) {
      app.on(route.on, path, (context) =>
        answer(deps, context.req.raw, async (requestId) => {
          refuseEncoded(context.req.raw.url)
          if (!route.published) deps.cors.admit(context.req.raw)
          const query = route.published ? {} : readQuery(context.req.raw.url, route.query ?? {})
          const clientAddress = deps.clientAddressOf(context.req.raw, context.env)
          const path = (name: string): string => context.req.param(name) ?? ''
          return run(deps, route, requestId, { request: context.req.raw, query, env: context.env, clientAddress, path })
        }),
      )
    }
    const allowed = group.map(({ on }) => on).join(', ')
    app.options(path, (context) =>
      answer(deps, context.req.raw, async () => answerPreflight(deps.cors, context.req.raw, allowed)),
    )
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

/** No path of ours needs percent-encoding, so a path with it is another spelling of an id, or of a route. */
function refuseEncoded(url: string): void {
  if (!/^[^?]*%/.test(url)) return
  throw new ProblemError(
    'not_found',
    'There is nothing at this path: nothing here has a name that needs percent-encoding.',
  )
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
  const isPreflight = response.headers.has('access-control-allow-origin')
  const permitted = isPreflight ? {} : deps.cors.headersFor(request)
  for (const [name, value] of Object.entries({ ...permitted, ...extra })) response.headers.set(name, value)
  return response
}

type Arrived = Omit<Incoming, 'body' | 'act'>

/** First whether this caller may, then what they say. */
async function run(deps: AppDeps, route: Route, requestId: string, arrived: Arrived): Promise<Response> {
  const read = async (actor: string): Promise<Incoming> => {
    const sent = route.body && ((await readJson(arrived.request, route.body)) ?? (route.mayOmitBody && {}))
    const body = route.body ? readMembers(sent, route.body) : {}
    // Only now: who sends a body slowly must not act at a time that has passed.
    return { ...arrived, body, act: { actor, requestId, now: deps.clock.now() } }
  }
  switch (route.who) {
    case 'anyone':
      route.admit?.(arrived)
      return route.run(await read(ANYBODY))
    case 'person': {
      const person = await authenticate(deps, bearer(arrived.request))
      return route.run(await read(userActor(person.userId)), person)
    }
    case 'operator':
      deps.admitOperator(arrived.request)
      return route.run(await read(OPERATOR))
  }
}

import type { LoginRequest, MySessions, RefreshRequest } from '@hufu/contract'
import { actBy, userActor } from '../domain/act.ts'
import { refuseNonce } from '../domain/login-code.ts'
import type { Limit } from '../ports/limit.ts'
import { type AuthenticateDeps, authenticate } from '../usecases/authenticate.ts'
import { endMySession } from '../usecases/end-my-session.ts'
import { type ListMySessionsDeps, listMySessions } from '../usecases/list-my-sessions.ts'
import { type LogInByCodeDeps, logInByCode } from '../usecases/log-in-by-code.ts'
import { type LogOutDeps, logOutByRefreshToken } from '../usecases/log-out-by-refresh-token.ts'
import { type RefreshDeps, refreshSession } from '../usecases/refresh-session.ts'
import { bearer } from './bearer.ts'
import { readJson } from './body.ts'
import { refuseForeignHost } from './development-host.ts'
import { answerLogin, type LoginReplyDeps, refreshReply } from './login-reply.ts'
import { readMembers, type ShapeOf } from './members.ts'
import { type Incoming, isoTime, json, noContent, type Route, route } from './route.ts'

export type SessionRouteDeps = LogInByCodeDeps &
  RefreshDeps &
  LogOutDeps &
  ListMySessionsDeps &
  AuthenticateDeps &
  LoginReplyDeps & {
    /** Of logins, by address block. */
    limit: Limit
    /** Host names that this server is configured to have. */
    ownHosts: readonly string[]
  }

/** `POST /v1/login` by a code. The listener behind the gateway of Cloud Run has another. */
export const codeLoginRoute = (deps: SessionRouteDeps): Route =>
  route({
    on: 'POST',
    path: '/v1/login',
    who: 'anyone',
    body: { appId: 'text', code: 'text', nonce: 'text?' } satisfies ShapeOf<LoginRequest>,
    admit({ clientAddress, request }) {
      if (deps.development) refuseForeignHost(request, deps.ownHosts)
      deps.limit.take(clientAddress)
    },
    async run({ act, clientAddress, body }) {
      refuseNonce(body.nonce)
      return answerLogin(deps, await logInByCode(deps, { act, ...body, clientAddress }))
    },
  })

export const sessionRoutes = (deps: SessionRouteDeps): Route[] => [
  route({
    on: 'POST',
    path: '/v1/refresh',
    who: 'anyone',
    body: { refreshToken: 'text' } satisfies ShapeOf<RefreshRequest>,
    run: async ({ act, clientAddress, body }) =>
      json(refreshReply(await refreshSession(deps, { act, ...body, clientAddress }), deps)),
  }),
  route({ on: 'POST', path: '/v1/logout', who: 'anyone', run: (incoming) => logOut(deps, incoming) }),
  route({
    on: 'GET',
    path: '/v1/me/sessions',
    who: 'person',
    async run({ act }, person) {
      const sessions = await listMySessions(deps, { person, now: act.now })
      const items = sessions.map((session) => ({
        id: session.id,
        appId: session.appId,
        createdAt: isoTime(session.createdAt),
        lastUsedAt: isoTime(session.lastUsedAt),
        current: session.id === person.sessionId,
      }))
      return json({ items } satisfies MySessions)
    },
  }),
  route({
    on: 'DELETE',
    path: '/v1/me/sessions/:id',
    who: 'person',
    async run({ act, path }, person) {
      await endMySession(deps, { act, person, sessionId: path('id') })
      return noContent()
    },
  }),
]

const BY_REFRESH_TOKEN = { refreshToken: 'text' } as const

/** With an access token, or with the refresh token when the access token is too old to use. */
async function logOut(deps: SessionRouteDeps, { request, act }: Pick<Incoming, 'request' | 'act'>): Promise<Response> {
  const body = await readJson(request, BY_REFRESH_TOKEN)
  if (request.headers.has('authorization')) {
    if (body !== undefined) readMembers(body, {})
    const person = await authenticate(deps, bearer(request))
    await endMySession(deps, { act: actBy(act, userActor(person.userId)), person, sessionId: person.sessionId })
  } else {
    await logOutByRefreshToken(deps, { act, ...readMembers(body, BY_REFRESH_TOKEN) })
  }
  return noContent()
}

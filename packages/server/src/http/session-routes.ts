import type { LoginReply, MySessions, RefreshReply, TokenReply } from '@hufu/contract'
import { refuseNonce } from '../domain/login-code.ts'
import { type AuthenticateDeps, authenticate } from '../usecases/authenticate.ts'
import { type LogInDeps, logIn } from '../usecases/log-in.ts'
import { endMySession, logOutByRefreshToken, type MyAccountDeps, mySessions } from '../usecases/my-account.ts'
import { type RefreshDeps, refreshSession } from '../usecases/refresh-session.ts'
import type { Login, LoginEvent, SignedIn } from '../usecases/signed-in.ts'
import { bearer } from './app.ts'
import type { LoginLimit } from './login-limit.ts'
import { readJson, readMembers } from './read.ts'
import { type Incoming, isoTime, json, nothing, type Route } from './route.ts'

export interface LoginAnswerDeps {
  exposeWeChatIds: boolean
  /** Hears of every login that was answered, whichever way it came. */
  onLogin?: ((login: LoginEvent) => void) | undefined
}

export type SessionRouteDeps = LogInDeps &
  RefreshDeps &
  MyAccountDeps &
  AuthenticateDeps &
  LoginAnswerDeps & { limit: LoginLimit }

export const sessionRoutes = (deps: SessionRouteDeps): Route[] => [
  {
    on: 'POST',
    path: '/v1/login',
    who: 'anyone',
    async run({ request, requestId, clientAddress }) {
      deps.limit.take(clientAddress)
      const { appId, code, nonce } = readMembers(await readJson(request), {
        appId: 'text',
        code: 'text',
        nonce: 'text?',
      })
      refuseNonce(nonce)
      return answerLogin(deps, await logIn(deps, { appId, code, nonce, requestId, clientAddress }))
    },
  },
  {
    on: 'POST',
    path: '/v1/refresh',
    who: 'anyone',
    async run({ request, requestId }) {
      const { refreshToken } = readMembers(await readJson(request), { refreshToken: 'text' })
      return json(refreshReply(await refreshSession(deps, { refreshToken, requestId }), deps))
    },
  },
  { on: 'POST', path: '/v1/logout', who: 'anyone', run: (incoming) => logOut(deps, incoming) },
  {
    on: 'GET',
    path: '/v1/me/sessions',
    who: 'person',
    async run(_, person) {
      const sessions = await mySessions(deps, person)
      const items = sessions.map((session) => ({
        id: session.id,
        appId: session.appId,
        createdAt: isoTime(session.createdAt),
        lastUsedAt: isoTime(session.lastUsedAt),
        current: session.id === person.sessionId,
      }))
      return json({ items } satisfies MySessions)
    },
  },
  {
    on: 'DELETE',
    path: '/v1/me/sessions/:id',
    who: 'person',
    async run({ path, requestId }, person) {
      await endMySession(deps, person, { sessionId: path('id'), requestId })
      return nothing()
    },
  },
]

/** With an access token, or with the refresh token when the access token is too old to use. */
async function logOut(deps: SessionRouteDeps, { request, requestId }: Incoming): Promise<Response> {
  const body = await readJson(request)
  if (request.headers.has('authorization')) {
    if (body !== undefined) readMembers(body, {})
    const person = await authenticate(deps, bearer(request))
    await endMySession(deps, person, { sessionId: person.sessionId, requestId })
  } else {
    const { refreshToken } = readMembers(body, { refreshToken: 'text' })
    await logOutByRefreshToken(deps, { refreshToken, requestId })
  }
  return nothing()
}

/** The answer to a login, at every door. */
export function answerLogin(deps: LoginAnswerDeps, { signedIn, event }: Login): Response {
  deps.onLogin?.(event)
  return json({ ...tokenReply(signedIn, deps), user: signedIn.user } satisfies LoginReply)
}

/** Speaks of the user only where there is news: the product's rows may still bear a former id. */
function refreshReply(next: SignedIn, deps: LoginAnswerDeps): RefreshReply {
  const { id, formerIds } = next.user
  return { ...tokenReply(next, deps), ...(formerIds.length > 0 ? { user: { id, formerIds } } : {}) }
}

/** The only place where tokens leave the server. */
const tokenReply = (login: SignedIn, { exposeWeChatIds }: { exposeWeChatIds: boolean }): TokenReply => ({
  accessToken: login.accessToken,
  tokenType: 'Bearer',
  expiresIn: login.expiresIn,
  refreshToken: login.refreshToken,
  appId: login.appId,
  ...(exposeWeChatIds ? { openid: login.openid, unionid: login.unionid ?? null } : {}),
})

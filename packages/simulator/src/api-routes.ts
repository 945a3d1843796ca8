import { classicToken, stableToken } from './access-token.ts'
import { checkSessionKey } from './check-session-key.ts'
import { codeToSession } from './code-to-session.ts'
import { oauthAccessToken, oauthCheck, oauthRefreshToken, oauthUserInfo } from './oauth.ts'
import { phoneNumber } from './phone-number.ts'
import type { ApiRequest, Replies, Reply } from './reply.ts'
import type { World } from './world.ts'

type Route = { method: 'GET' | 'POST'; answer: (world: World, replies: Replies, request: ApiRequest) => Reply }

const routes = new Map<string, Route>([
  ['/sns/jscode2session', { method: 'GET', answer: codeToSession }],
  ['/sns/oauth2/access_token', { method: 'GET', answer: oauthAccessToken }],
  ['/sns/oauth2/refresh_token', { method: 'GET', answer: oauthRefreshToken }],
  ['/sns/userinfo', { method: 'GET', answer: oauthUserInfo }],
  ['/sns/auth', { method: 'GET', answer: oauthCheck }],
  ['/cgi-bin/token', { method: 'GET', answer: classicToken }],
  ['/cgi-bin/stable_token', { method: 'POST', answer: stableToken }],
  ['/wxa/business/getuserphonenumber', { method: 'POST', answer: phoneNumber }],
  ['/wxa/checksession', { method: 'GET', answer: checkSessionKey }],
])

/** Answers a request as WeChat would. The HTTP status is 200 whatever happened; the body says what did. */
export function answerApi(world: World, replies: Replies, request: ApiRequest): Reply {
  const route = routes.get(request.path)
  if (route === undefined) return replies.error(request.path, 40066)
  // Seen on the wire: parameters sent as a POST body leave the query empty, and that is what WeChat complains about.
  const isEmpty = request.query.size === 0 && request.path.startsWith('/sns/')
  if (request.method !== route.method && !isEmpty) {
    return replies.error(request.path, route.method === 'GET' ? 43001 : 43002)
  }
  return route.answer(world, replies, request)
}

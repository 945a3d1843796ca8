import type { HttpBindings } from '@hono/node-server'
import { IdentityError } from '../domain/errors.ts'
import { logInByAssertion, logInFromGateway, type VouchedLogInDeps } from '../usecases/log-in-vouched.ts'
import { type GatewayRules, readGatewayCaller } from './gateway.ts'
import { readJson, readMembers } from './read.ts'
import { json, type Route } from './route.ts'
import { loginReply } from './session-routes.ts'

type Deps = VouchedLogInDeps & { exposeWeChatIds: boolean }

/** Method two, for a cloud function elsewhere. */
export const assertionRoutes = (deps: Deps): Route[] => [
  {
    on: 'POST',
    path: '/v1/login/cloud',
    who: 'anyone',
    async run({ request, requestId }) {
      const { assertion } = readMembers(await readJson(request), { assertion: 'text' })
      return json(loginReply(await logInByAssertion(deps, { assertion, requestId }), deps))
    },
  },
]

/** Method two, behind the gateway of WeChat Cloud Run: the login needs no code. Only for the listener of its own. */
export const gatewayRoutes = (deps: Deps, rules: GatewayRules): Route[] => [
  {
    on: 'POST',
    path: '/v1/login',
    who: 'anyone',
    async run({ request, requestId, env }) {
      const { appId } = readMembers((await readJson(request)) ?? {}, { appId: 'text?', nonce: 'text?' })
      const { incoming } = env as HttpBindings
      const caller = readGatewayCaller(incoming.rawHeaders, rules)
      if (appId !== undefined && appId !== caller.appId) {
        throw new IdentityError('forbidden', 'The gateway says that the caller belongs to another app.')
      }
      return json(loginReply(await logInFromGateway(deps, { caller, requestId }), deps))
    },
  },
]

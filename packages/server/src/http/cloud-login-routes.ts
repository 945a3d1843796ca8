import type { HttpBindings } from '@hono/node-server'
import { ProblemError } from '../domain/problem-error.ts'
import { type CloudLogInDeps, logInByAssertion, logInByCloudRun } from '../usecases/cloud-log-in.ts'
import { type GatewayRules, readGatewayCaller } from './cloud-run-caller.ts'
import { readJson, readMembers } from './read.ts'
import type { Route } from './route.ts'
import { answerLogin, type LoginAnswerDeps } from './session-routes.ts'

type Deps = CloudLogInDeps & LoginAnswerDeps

/** Method two, for a cloud function elsewhere. */
export const assertionRoutes = (deps: Deps): Route[] => [
  {
    on: 'POST',
    path: '/v1/login/cloud',
    who: 'anyone',
    async run({ request, requestId }) {
      const { assertion } = readMembers(await readJson(request), { assertion: 'text' })
      return answerLogin(deps, await logInByAssertion(deps, { assertion, requestId }))
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
      // As they came on the wire: a Request has joined what came twice.
      const caller = readGatewayCaller(incoming.rawHeaders, rules)
      if (appId !== undefined && appId !== caller.appId) {
        throw new ProblemError('forbidden', 'The gateway says that the caller belongs to another app.')
      }
      return answerLogin(deps, await logInByCloudRun(deps, { caller, requestId }))
    },
  },
]

import type { HttpBindings } from '@hono/node-server'
import type { CloudLoginRequest } from '@hufu/contract'
import { ProblemError } from '../domain/problem-error.ts'
import { type LogInByAssertionDeps, logInByAssertion } from '../usecases/log-in-by-assertion.ts'
import { type LogInByCloudRunDeps, logInByCloudRun } from '../usecases/log-in-by-cloud-run.ts'
import { readJson } from './body.ts'
import { type GatewayRules, readGatewayCaller } from './cloud-run-caller.ts'
import { answerLogin, type LoginReplyDeps } from './login-reply.ts'
import { readMembers, type ShapeOf } from './members.ts'
import { type Route, route } from './route.ts'

/** Login by a cloud function, anywhere. */
export const assertionLoginRoute = (deps: LogInByAssertionDeps & LoginReplyDeps): Route =>
  route({
    on: 'POST',
    path: '/v1/login/cloud',
    who: 'anyone',
    body: { assertion: 'text' } satisfies ShapeOf<CloudLoginRequest>,
    run: async ({ act, body }) => answerLogin(deps, await logInByAssertion(deps, { act, ...body })),
  })

const CLOUD_RUN_LOGIN = { appId: 'text?', nonce: 'text?' } as const

/** Login behind the gateway of WeChat Cloud Run, which needs no code. Only for the listener of its own. */
export const cloudRunLoginRoute = (deps: LogInByCloudRunDeps & LoginReplyDeps, rules: GatewayRules): Route =>
  route({
    on: 'POST',
    path: '/v1/login',
    who: 'anyone',
    async run({ request, act, env }) {
      const { appId } = readMembers((await readJson(request, CLOUD_RUN_LOGIN)) ?? {}, CLOUD_RUN_LOGIN)
      const { incoming } = env as HttpBindings
      // As they came on the wire: a Request has joined what came twice.
      const caller = readGatewayCaller(incoming.rawHeaders, rules)
      if (appId !== undefined && appId !== caller.appId) {
        throw new ProblemError('forbidden', 'The gateway says that the caller belongs to another app.')
      }
      return answerLogin(deps, await logInByCloudRun(deps, { act, caller }))
    },
  })

import type { OpenId, UnionId } from '@hufu/wechat/words'
import type { Assertions } from '../ports/assertions.ts'
import { appUnknown, completeLogin, type LogInDeps } from './log-in.ts'
import type { Login } from './signed-in.ts'

/** How often somebody may log in, by any name. @throws {ProblemError} `rate_limited` */
interface Limit {
  take(name: string): void
}

export interface CloudLogInDeps extends LogInDeps {
  assertions: Assertions
  /** Of cloud keys. */
  keyLimit: Limit
  /** Of everybody else. */
  limit: Limit
}

/**
 * Method two: a cloud function, which WeChat told who is calling, vouches for them with an assertion that works once.
 *
 * @throws {ProblemError} `assertion_invalid`, `rate_limited`, `user_blocked`
 */
export async function logInByAssertion(
  deps: CloudLogInDeps,
  { assertion, requestId }: { assertion: string; requestId: string },
): Promise<Login> {
  const { app, key, openid, unionid, jti, expiresAt } = await deps.assertions.read(assertion, deps.clock.now())
  // Only now: what anybody can post must not use up what the key may do.
  deps.keyLimit.take(key.id)
  const person = { openid, unionid: key.trustsUnionid ? unionid : undefined, sessionKey: undefined }
  return completeLogin(deps, {
    app,
    person,
    method: { name: 'cloud-function', cloudKeyId: key.id, jti, expiresAt },
    requestId,
  })
}

/** A caller whom WeChat's own gateway named. */
export interface CloudRunCaller {
  appId: string
  openid: OpenId
  unionid: UnionId | undefined
}

/**
 * Method two inside WeChat Cloud Run. Everybody arrives from the gateway's address, so the limit is by person.
 *
 * @throws {ProblemError} `app_unknown`, `rate_limited`, `user_blocked`
 */
export async function logInByCloudRun(
  deps: CloudLogInDeps,
  { caller, requestId }: { caller: CloudRunCaller; requestId: string },
): Promise<Login> {
  const app = deps.directory.app(caller.appId)
  if (!app) throw appUnknown()
  deps.limit.take(`${caller.appId} ${caller.openid}`)
  const person = { openid: caller.openid, unionid: caller.unionid, sessionKey: undefined }
  return completeLogin(deps, { app, person, method: { name: 'cloud-run' }, requestId })
}

import { type Act, actBy, appActor } from '../domain/act.ts'
import type { Assertions } from '../ports/assertions.ts'
import type { Limit } from '../ports/limit.ts'
import { type CompleteLoginDeps, completeLogin } from './complete-login.ts'
import type { LoginResult } from './login-result.ts'

export interface LogInByAssertionDeps extends CompleteLoginDeps {
  assertions: Assertions
  /** Of logins, by cloud key. */
  keyLimit: Limit
}

/**
 * Signs in whom a cloud function names, in an assertion that works once; WeChat told it who is calling.
 *
 * @throws {ProblemError} `assertion_invalid`, `rate_limited`, `user_blocked`
 */
export async function logInByAssertion(
  deps: LogInByAssertionDeps,
  { act, assertion }: { act: Act; assertion: string },
): Promise<LoginResult> {
  const { app, key, openid, unionid, jti, expiresAt } = await deps.assertions.read(assertion, act.now)
  // Only now: what anybody can post must not use up what the key may do.
  deps.keyLimit.take(key.id)
  return completeLogin(deps, {
    act: actBy(act, appActor(app.id)),
    app,
    person: { openid, unionid: key.trustsUnionid ? unionid : undefined, sessionKey: undefined },
    method: { name: 'cloud-function', cloudKeyId: key.id, jti, expiresAt },
  })
}

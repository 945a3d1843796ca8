import type { OpenId, UnionId } from '@hufu/wechat/words'
import { type Act, actBy, appActor } from '../domain/act.ts'
import type { Directory } from '../ports/directory.ts'
import type { Limit } from '../ports/limit.ts'
import { type CompleteLoginDeps, completeLogin } from './complete-login.ts'
import { findApp } from './find-app.ts'
import type { LoginResult } from './login-result.ts'

export interface LogInByCloudRunDeps extends CompleteLoginDeps {
  directory: Directory
  /** Of logins, here by person: everybody arrives from the gateway's address. */
  limit: Limit
}

/** A caller whom WeChat's own gateway named. */
export interface CloudRunCaller {
  appId: string
  openid: OpenId
  unionid: UnionId | undefined
}

/**
 * Signs in whom the gateway of WeChat Cloud Run named.
 *
 * @throws {ProblemError} `app_unknown`, `rate_limited`, `user_blocked`
 */
export async function logInByCloudRun(
  deps: LogInByCloudRunDeps,
  { act, caller }: { act: Act; caller: CloudRunCaller },
): Promise<LoginResult> {
  const app = findApp(deps.directory, caller.appId)
  deps.limit.take(`${caller.appId} ${caller.openid}`)
  return completeLogin(deps, {
    act: actBy(act, appActor(app.id)),
    app,
    person: { openid: caller.openid, unionid: caller.unionid, sessionKey: undefined },
    method: { name: 'cloud-run' },
  })
}

import type { OpenId, UnionId } from '@hufu/wechat/words'
import { IdentityError } from '../domain/errors.ts'
import type { Assertions } from '../ports/assertions.ts'
import { enter, type LogInDeps } from './log-in.ts'
import type { SignedIn } from './signed-in.ts'

export interface VouchedLogInDeps extends LogInDeps {
  assertions: Assertions
  /** How often one cloud key may vouch. @throws {IdentityError} `rate_limited` */
  keyLimit: { take(keyId: string): void }
}

/**
 * Method two: a cloud function, which WeChat told who is calling, vouches for them with an assertion that works once.
 *
 * @throws {IdentityError} `assertion_invalid`, `rate_limited`, `user_blocked`
 */
export async function logInByAssertion(
  deps: VouchedLogInDeps,
  input: { assertion: string; requestId: string },
): Promise<SignedIn> {
  const { app, key, openId, unionId, jti, expiresAt } = await deps.assertions.read(input.assertion, deps.clock.now())
  deps.keyLimit.take(key.id)
  return enter(deps, {
    app,
    person: { openId, unionId: key.unionId === 'trust' ? unionId : undefined, sessionKey: undefined },
    door: { name: 'cloud', key: key.id, jti, expiresAt },
    codeHash: undefined,
    nonce: undefined,
    requestId: input.requestId,
  })
}

/** A caller whom WeChat's own gateway named. */
export interface GatewayCaller {
  appId: string
  openId: OpenId
  unionId: UnionId | undefined
}

/** Method two inside WeChat Cloud Run. @throws {IdentityError} `app_unknown`, `user_blocked` */
export async function logInFromGateway(
  deps: LogInDeps,
  { caller, requestId }: { caller: GatewayCaller; requestId: string },
): Promise<SignedIn> {
  const app = deps.directory.app(caller.appId)
  if (!app)
    throw new IdentityError('app_unknown', 'This server does not know the app. An operator adds it with: hufu app add')
  return enter(deps, {
    app,
    person: { openId: caller.openId, unionId: caller.unionId, sessionKey: undefined },
    door: { name: 'container' },
    codeHash: undefined,
    nonce: undefined,
    requestId,
  })
}

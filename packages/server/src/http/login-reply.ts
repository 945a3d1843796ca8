import type { LoginReply, RefreshReply, TokenReply } from '@hufu/contract'
import type { LoginEvent, LoginResult, SignedIn } from '../usecases/login-result.ts'
import { json } from './route.ts'

export interface LoginReplyDeps {
  exposeWeChatIds: boolean
  /** Hears of every login by these routes, whatever its method, repeats too; before the answer goes out. Of no refresh. */
  onLogin?: ((event: LoginEvent) => void) | undefined
}

/** The answer to a login, by every method. */
export function answerLogin(deps: LoginReplyDeps, { signedIn, event }: LoginResult): Response {
  deps.onLogin?.(event)
  return json({ ...tokenReply(signedIn, deps), user: signedIn.user } satisfies LoginReply)
}

/** Speaks of the user only where there is news: the product's rows may still bear a former id. */
export function refreshReply(next: SignedIn, deps: LoginReplyDeps): RefreshReply {
  const { id, formerIds } = next.user
  return { ...tokenReply(next, deps), ...(formerIds.length > 0 ? { user: { id, formerIds } } : {}) }
}

/** The only place where tokens leave the server. */
const tokenReply = (login: SignedIn, { exposeWeChatIds }: LoginReplyDeps): TokenReply => ({
  accessToken: login.accessToken,
  tokenType: 'Bearer',
  expiresIn: login.expiresIn,
  refreshToken: login.refreshToken,
  appId: login.appId,
  ...(exposeWeChatIds ? { openid: login.openid, unionid: login.unionid ?? null } : {}),
})

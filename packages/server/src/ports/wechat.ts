import type { SessionKey } from '@hufu/wechat/secret'
import type { LoginCode, OpenId, UnionId } from '@hufu/wechat/words'
import type { CodeApp } from '../domain/app.ts'

/** The person behind a code, as WeChat told it. */
export interface WeChatPerson {
  openid: OpenId
  unionid: UnionId | undefined
  /** Mini programs only. */
  sessionKey: SessionKey | undefined
  /** A virtual account of WeChat's snapshot mode: its ids are nobody's. */
  snapshot: boolean
}

export interface WeChat {
  /**
   * Exchanges a code. Answers or fails within 5 s; retries only what cannot have used the code up.
   *
   * @param clientAddress the caller's address block, where known; it tells one loud phone from a busy app
   * @throws {ProblemError} `code_invalid`, `code_spent` (used, or perhaps used: get a new code), `rate_limited`,
   *   `risk_refused`, `server_misconfigured`, `upstream_busy`, `upstream_unavailable`, `upstream_error`.
   */
  identify(app: CodeApp, code: LoginCode, clientAddress: string | undefined): Promise<WeChatPerson>
}

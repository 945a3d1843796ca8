import type { AppSecret, SessionKey } from './secret.ts'
import type { AppId, OpenId, UnionId } from './words.ts'

/** An app of the caller's, with what proves it. */
export interface App {
  readonly id: AppId
  readonly secret: AppSecret
}

/** The person behind a login code, as WeChat told it in this call. */
export interface WeChatSession {
  readonly openId: OpenId
  /** Absent while the app is not bound to an Open Platform account. */
  readonly unionId?: UnionId | undefined
  readonly sessionKey: SessionKey
}

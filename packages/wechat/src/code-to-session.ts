import type { Call } from './call.ts'
import { type AppSecret, Secret, type SessionKey } from './secret.ts'
import { type AppId, type LoginCode, type OpenId, openid, type UnionId, unionid } from './words.ts'

/** An app of the caller's, with what proves it. */
export interface App {
  /** The AppID, in the open in every mini program. */
  readonly id: AppId
  /** The AppSecret; leaves only in the query to WeChat. */
  readonly secret: AppSecret
}

/** The person behind a login code, as WeChat told it in this call. */
export interface WeChatSession {
  /** The person in this app. */
  readonly openid: OpenId
  /** Absent while the app is not bound to an Open Platform account. */
  readonly unionid?: UnionId | undefined
  /** For `decryptOpenData` and signatures. Never hand it to a client. */
  readonly sessionKey: SessionKey
}

/**
 * Exchanges a `wx.login` code for the person behind it.
 *
 * A code works once, within five minutes. Never retried here: a lost answer is a spent code.
 *
 * @throws {WeChatError} `code_invalid` and `code_used` when a fresh code is needed, and so with `outcome_unknown`;
 *   `busy` and `unreachable` when this very code may be tried again.
 */
export async function codeToSession(app: App, code: LoginCode, call: Call): Promise<WeChatSession> {
  const reply = await call('/sns/jscode2session', {
    appid: app.id,
    secret: app.secret.reveal(),
    js_code: code,
    grant_type: 'authorization_code',
  })
  return {
    openid: reply.read('openid', openid),
    unionid: reply.readOptional('unionid', unionid),
    sessionKey: reply.read('session_key', sessionKey),
  }
}

function sessionKey(raw: unknown): SessionKey {
  // Base64 of 16 bytes.
  if (typeof raw !== 'string' || !/^[A-Za-z0-9+/]{22}==$/.test(raw)) throw new TypeError('not a session key')
  return new Secret('SessionKey', raw)
}

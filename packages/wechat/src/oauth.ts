import type { Call } from './call.ts'
import type { App } from './code-to-session.ts'
import { type LoginCode, type OpenId, openid, type UnionId, unionid } from './words.ts'

/** The person behind an OAuth code, as WeChat told it in this call. */
export interface OAuthIdentity {
  /** The person in this app; nobody's where `snapshotUser` is true. */
  readonly openid: OpenId
  /** Absent while the app is not bound to an Open Platform account, and often with scope `snsapi_base`. */
  readonly unionid?: UnionId | undefined
  /** True for a virtual account of WeChat's snapshot mode: its ids are nobody's. Make and link no user for it. */
  readonly snapshotUser: boolean
  /** What the person granted, e.g. `snsapi_userinfo`; several are joined by commas. */
  readonly scope: string
}

/**
 * Exchanges the OAuth code of an official account, a website or a mobile app for the person behind it.
 *
 * A code works once. The page that received it must have compared `state` before. WeChat's tokens for the person's
 * profile are dropped: an identity needs none. Never retried here: a lost answer is a spent code.
 *
 * @throws {WeChatError} as `codeToSession` does.
 */
export async function oauthIdentity(app: App, code: LoginCode, call: Call): Promise<OAuthIdentity> {
  const reply = await call('/sns/oauth2/access_token', {
    appid: app.id,
    secret: app.secret.reveal(),
    code,
    grant_type: 'authorization_code',
  })
  reply.read('access_token', presentText)
  return {
    openid: reply.read('openid', openid),
    unionid: reply.readOptional('unionid', unionid),
    snapshotUser: reply.readOptional('is_snapshotuser', flag) ?? false,
    scope: reply.read('scope', scope),
  }
}

function presentText(raw: unknown): void {
  if (typeof raw !== 'string' || raw === '') throw new TypeError('not a text')
}

function flag(raw: unknown): boolean {
  if (raw === 1 || raw === '1' || raw === true) return true
  if (raw === 0 || raw === '0' || raw === false) return false
  throw new TypeError('not a flag')
}

function scope(raw: unknown): string {
  if (typeof raw !== 'string' || !/^[\w,. -]{0,256}$/.test(raw)) throw new TypeError('not a scope')
  return raw
}

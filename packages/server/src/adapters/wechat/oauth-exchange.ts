import { oauthIdentity } from '@hufu/wechat'
import type { Exchange } from './exchange.ts'

/** OAuth codes of browser pages and mobile apps: no session_key, and in an official account perhaps a snapshot user. */
export const oauthExchange: Exchange = async (app, code, call) => {
  const { openid, unionid, snapshotUser } = await oauthIdentity(app, code, call)
  return { openid, unionid, sessionKey: undefined, snapshot: snapshotUser }
}

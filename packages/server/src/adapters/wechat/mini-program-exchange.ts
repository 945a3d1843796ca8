import { codeToSession } from '@hufu/wechat'
import type { Exchange } from './exchange.ts'

/** `wx.login` codes: code2Session gives a session_key too, and never says that it made up a snapshot user. */
export const miniProgramExchange: Exchange = async (app, code, call) => {
  const { openid, unionid, sessionKey } = await codeToSession(app, code, call)
  return { openid, unionid, sessionKey, snapshot: false }
}

import { checkAccessToken } from './access-token.ts'
import { findCode } from './codes.ts'
import type { ApiRequest, Replies, Reply } from './reply.ts'
import { readWeChatJson } from './wechat-json.ts'
import type { World } from './world.ts'

/** `POST /wxa/business/getuserphonenumber`: a phone code (never a login code), once, within five minutes. */
export function phoneNumber(world: World, replies: Replies, { path, query, body }: ApiRequest): Reply {
  const app = checkAccessToken(world, query)
  if (typeof app === 'number') return replies.error(path, app)
  const data = readWeChatJson(body)
  if (typeof data === 'number') return replies.error(path, data)
  if (typeof data.code !== 'string' || data.code === '') return replies.error(path, 41008)
  const code = findCode(world, app, 'phone', data.code)
  if (code === undefined || code.used) return replies.error(path, 40029, 'invalid code hint: [simulated]')
  // WeChat says that it checks the pair, and does not say with which errcode; this one fits its meaning elsewhere.
  if (data.openid !== undefined && data.openid !== code.visit.openid) return replies.error(path, 40003)
  code.used = true
  const { phone } = code.visit.person
  const watermark = { timestamp: Math.floor(world.clock.now() / 1000), appid: app.id }
  const phone_info = { phoneNumber: phone, purePhoneNumber: phone, countryCode: '86', watermark }
  return replies.data(path, JSON.stringify({ errcode: 0, errmsg: 'ok', phone_info }))
}

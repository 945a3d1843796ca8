import { createCipheriv, createHash, createHmac } from 'node:crypto'
import { appOf, personOf, unionidOf, visitOf } from './people.ts'
import { liveSessionKey } from './session-keys.ts'
import { SimulatorError } from './simulator-error.ts'
import type { Visit, World } from './world.ts'

export const openDataKinds = ['profile', 'phone'] as const
/** `profile`: of `wx.getUserInfo`; `phone`: of the old phone-number button. */
export type OpenDataKind = (typeof openDataKinds)[number]

/** What `wx.getUserInfo` (profile) or the old phone-number button (phone) hands to a mini program. */
export type OpenData = {
  /** Base64. */
  encryptedData: string
  /** Base64 of 16 bytes. */
  iv: string
  /** The plain part of a profile, and its signature; the phone button gives neither. */
  rawData: string
  /** Hexadecimal SHA-1; see `signRawData`. */
  signature: string
}

/** AES-128-CBC with PKCS#7: key and iv are base64 of 16 bytes, the text is UTF-8. Nothing vouches for integrity. */
export function encryptOpenData(sessionKey: string, iv: string, text: string): string {
  const cipher = createCipheriv('aes-128-cbc', Buffer.from(sessionKey, 'base64'), Buffer.from(iv, 'base64'))
  return cipher.update(text, 'utf8', 'base64') + cipher.final('base64')
}

/** Hexadecimal SHA-1 over the text as delivered and the session_key as the base64 that it is. */
export const signRawData = (sessionKey: string, rawData: string): string =>
  createHash('sha1')
    .update(rawData + sessionKey)
    .digest('hex')

/** Hexadecimal HMAC-SHA-256; the key is the 24 base64 characters themselves, not the bytes they stand for. */
export const signMessage = (sessionKey: string, message: string): string =>
  createHmac('sha256', sessionKey).update(message).digest('hex')

/** Since the end of 2022 WeChat gives everyone this profile. */
const profile = {
  nickName: '微信用户',
  gender: 0,
  language: '',
  city: '',
  province: '',
  country: '',
  avatarUrl: 'https://thirdwx.qlogo.cn/mmopen/vi_32/simulator/132',
}

/** Encrypts with the session_key that is current now, as the client API does. */
export function openData(world: World, appId: string, personName: string, kind: OpenDataKind = 'profile'): OpenData {
  const visit = visitOf(world, appOf(world, appId), personOf(world, personName))
  const sessionKey = liveSessionKey(world, visit)
  if (sessionKey === undefined) {
    throw new SimulatorError('invalid_request', `${personName} has no session_key in ${appId}: log in first.`)
  }
  const iv = world.ids.iv(appId, personName, ++visit.payloads)
  const watermark = { timestamp: Math.floor(world.clock.now() / 1000), appid: appId }
  const encryptedData = encryptOpenData(sessionKey, iv, JSON.stringify({ ...contents[kind](world, visit), watermark }))
  if (kind === 'phone') return { encryptedData, iv, rawData: '', signature: '' }
  const rawData = JSON.stringify(profile)
  return { encryptedData, iv, rawData, signature: signRawData(sessionKey, rawData) }
}

const contents = {
  profile: (world: World, visit: Visit) => ({ openId: visit.openid, ...profile, unionId: unionidOf(world, visit) }),
  phone: (_world: World, { person }: Visit) => ({
    phoneNumber: person.phone,
    purePhoneNumber: person.phone,
    countryCode: '86',
  }),
} as const satisfies Record<OpenDataKind, unknown>

import type { SessionKey } from './secret.ts'
import type { AppId } from './words.ts'

/** Data of a person that came through the client. AES-CBC proves nothing: it can never decide who somebody is. */
export interface OpenData {
  /** Always: no check makes it true. */
  readonly verified: false
  /** The decrypted JSON object as WeChat writes it, `watermark` included. */
  readonly data: Readonly<Record<string, unknown>>
}

/** What the watermark is held against. */
export interface OpenDataRules {
  /** The watermark must name this app. */
  appId: AppId
  /** The time to count the age from. */
  now: Date
  /** How old the watermark may be. */
  maxAgeSeconds?: number
}

/** One error for every failure, so that nobody learns from it which bytes were almost right (a padding oracle). */
export class OpenDataError extends Error {
  /** To tell it from other errors. */
  override readonly name = 'OpenDataError'
  /** The same for every failure. */
  readonly code = 'open_data_invalid'
  constructor() {
    super('The data is not readable with the current session key, or is not of this app, or is too old.')
  }
}

/** Clocks differ; a watermark may be this much ahead of ours. */
const leewaySeconds = 30

/**
 * Decrypts `encryptedData` of `wx.getUserInfo` and its kin (AES-128-CBC, key and iv in base64).
 *
 * Whoever holds the session key, or may try often, can forge all of it, the watermark included: show it, but link,
 * merge or verify nothing by it, and limit the tries per session.
 *
 * @throws {OpenDataError}
 */
export async function decryptOpenData(
  sessionKey: SessionKey,
  encryptedData: string,
  iv: string,
  { appId, now, maxAgeSeconds = 300 }: OpenDataRules,
): Promise<OpenData> {
  try {
    const key = await crypto.subtle.importKey('raw', bytes(sessionKey.reveal(), 24), 'AES-CBC', false, ['decrypt'])
    const plain = await crypto.subtle.decrypt({ name: 'AES-CBC', iv: bytes(iv, 24) }, key, bytes(encryptedData, 65_536))
    const data = object(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(plain), withoutPrototype))
    const { appid, timestamp } = object(data.watermark)
    if (appid !== appId || typeof timestamp !== 'number') throw new TypeError('not the watermark of this app')
    const age = now.getTime() / 1000 - timestamp
    if (!(age >= -leewaySeconds && age <= maxAgeSeconds)) throw new TypeError('not of now')
    return { verified: false, data }
  } catch {
    throw new OpenDataError()
  }
}

/**
 * Whether `rawData` is what WeChat gave the client: sha1 over it and the session key. `rawData` is the exact text,
 * never parsed and written again.
 */
export async function verifySignature(rawData: string, signature: string, sessionKey: SessionKey): Promise<boolean> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(rawData + sessionKey.reveal()))
  return sameText(hex(digest), signature)
}

/**
 * The proof of a session key that `checksession` and its kin ask for: lower-case hex of an HMAC-SHA256 over
 * `message` (the body that is sent, empty for GET). The key is the base64 text itself, not the bytes behind it.
 */
export async function sessionKeySignature(sessionKey: SessionKey, message = ''): Promise<string> {
  const text = new TextEncoder()
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', text.encode(sessionKey.reveal()), algorithm, false, ['sign'])
  return hex(await crypto.subtle.sign('HMAC', key, text.encode(message)))
}

function bytes(base64: string, maxLength: number): Uint8Array<ArrayBuffer> {
  const fits = base64.length <= maxLength && base64.length % 4 === 0
  if (!fits) throw new TypeError('not base64')
  const decoded = atob(base64)
  if (btoa(decoded) !== base64) throw new TypeError('not base64 as an encoder writes it')
  return Uint8Array.from(decoded, (character) => character.charCodeAt(0))
}

const hex = (buffer: ArrayBuffer): string =>
  Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('')

/** Takes the same time wherever the first difference is. */
function sameText(expected: string, presented: string): boolean {
  let difference = expected.length ^ presented.length
  for (let at = 0; at < expected.length; at++) difference |= expected.charCodeAt(at) ^ presented.charCodeAt(at)
  return difference === 0
}

/** A member `__proto__` would become the prototype of a careless copy. */
const withoutPrototype = (name: string, value: unknown): unknown => (name === '__proto__' ? undefined : value)

function object(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('not an object')
  return value as Readonly<Record<string, unknown>>
}

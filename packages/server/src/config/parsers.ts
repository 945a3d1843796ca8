import { isIP } from 'node:net'
import { networks, type TrustedProxies } from '../http/client-address.ts'
import { isBearerToken } from '../http/token-form.ts'

/**
 * Each turns the cleaned text of a setting into its value, or throws a `TypeError` that says what was expected and quotes
 * nothing: what was typed may be a secret in the wrong line.
 */

/** One of a few words. */
export const oneOf =
  <T extends string>(allowed: readonly T[]) =>
  (value: string): T => {
    const found = allowed.find((one) => one === value)
    if (found === undefined) throw new TypeError(`expected one of ${allowed.join(', ')}`)
    return found
  }

/** A whole number from `least` to `most`, in decimal digits. */
export const wholeNumber =
  (least: number, most: number) =>
  (value: string): number => {
    if (!/^\d{1,9}$/.test(value) || Number(value) < least || Number(value) > most) {
      throw new TypeError(`expected a whole number from ${least} to ${most}`)
    }
    return Number(value)
  }

/** 0 asks the system for any port that is free. */
export const portNumber = wholeNumber(0, 65_535)

export function trueOrFalse(value: string): boolean {
  if (value === 'true' || value === 'false') return value === 'true'
  throw new TypeError('expected true or false')
}

export function hostName(value: string): string {
  if (isIP(value) === 0 && !/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(value)) {
    throw new TypeError('expected an address or a host name, such as 127.0.0.1, ::1 or localhost')
  }
  return value
}

export function masterKey(value: string): Uint8Array {
  if (value === '') throw new TypeError('required; make one with: hufu key make')
  const key = Buffer.from(value, 'base64')
  // In either alphabet, but as an encoder writes it: a letter mistyped at the end would be the same key.
  const spellings = [key.toString('base64'), key.toString('base64').slice(0, -1), key.toString('base64url')]
  if (key.length !== 32 || !spellings.includes(value)) {
    throw new TypeError('expected 32 bytes in base64; make one with: hufu key make')
  }
  return key
}

/** At least 128 bits, as far as that can be seen from outside (threat T35), in a form that a request can bring. */
export function adminToken(value: string): string {
  if (!/^\S{22,512}$/.test(value) || new Set(value).size < 10) {
    throw new TypeError('expected at least 128 random bits: 22 or more characters, such as those of: hufu key make')
  }
  if (!isBearerToken(value)) {
    throw new TypeError(
      'holds characters that no Authorization header can bring: letters, digits and - . _ ~ + / may stand in it, and = at its end; make one with: hufu key make',
    )
  }
  return value
}

/** Verifiers compare it byte for byte, so only its one plain spelling will do. */
export function issuerUrl(value: string, { development }: { development: boolean }): string {
  const url = URL.parse(value)
  const fits = url && (url.protocol === 'https:' || (development && url.protocol === 'http:'))
  if (!fits || value !== url.origin + url.pathname.replace(/\/+$/, '')) {
    throw new TypeError(
      `expected the public ${development ? 'http or ' : ''}https address of this server as a browser shows it, without a slash at its end`,
    )
  }
  return value
}

export function audience(value: string): string {
  if (!/^[\x21-\x7e]{1,255}$/.test(value)) throw new TypeError('expected a name or URL without blanks')
  return value
}

export function trustedProxies(value: string): Exclude<TrustedProxies, undefined> {
  if (/^\d$/.test(value) && value !== '0') return { hops: Number(value) }
  try {
    return { networks: networks(value.split(',').map((cidr) => cidr.trim())) }
  } catch {
    throw new TypeError('expected a number of proxies (1 to 9) or networks such as 10.0.0.0/8,fd00::/8')
  }
}

export function wechatBaseUrl(value: string, { development }: { development: boolean }): string {
  if (!development) throw new TypeError('only in development: whoever answers there decides who everybody is')
  const url = URL.parse(value)
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/')
    throw new TypeError('expected http(s)://host:port')
  return url.origin
}

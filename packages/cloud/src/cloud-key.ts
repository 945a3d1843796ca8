// No `node:` before the names of Node's modules in this package: require() knows it only from 14.18 on.
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'crypto'
import { fromBase64url } from './base64url.ts'

/** A private key that may speak for the people of one app. The key itself stays inside. */
export interface CloudKey {
  kid: string
  alg: 'EdDSA' | 'ES256'
  /** @returns the signature in the form that JWS wants. */
  sign(input: string): Buffer
}

// PKCS #8 up to the 32 bytes of the private value (RFC 8410 §7; RFC 5915 in RFC 5208). Node reads a JWK by itself only
// from 15.12 on, and WeChat still offers 12.16.
const ed25519Head = Buffer.from('302e020100300506032b657004220420', 'hex')
const p256Head = Buffer.from('3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420', 'hex')

/**
 * Reads a cloud key: a private JWK (OKP/Ed25519 or EC/P-256) with a `kid`, as JSON or as base64url of JSON.
 *
 * @returns `undefined` for anything else. Why is not said, because parsers quote what they read.
 */
export function readCloudKey(text: unknown): CloudKey | undefined {
  if (typeof text !== 'string') return undefined
  try {
    const trimmed = text.trim()
    const json = trimmed.startsWith('{') ? trimmed : fromBase64url(trimmed).toString('utf8')
    const { kty, crv, kid, d, x, y } = JSON.parse(json)
    if (typeof kid !== 'string' || !/^[\w-]{1,128}$/.test(kid)) return undefined
    if (kty === 'OKP' && crv === 'Ed25519') {
      const key = privateKey(ed25519Head, d, [x])
      return { kid, alg: 'EdDSA', sign: (input) => sign(null, Buffer.from(input), key) }
    }
    if (kty === 'EC' && crv === 'P-256') {
      const key = privateKey(p256Head, d, [x, y])
      return {
        kid,
        alg: 'ES256',
        sign: (input) => sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }),
      }
    }
    return undefined
  } catch {
    return undefined
  }
}

/** @throws when the halves do not belong together: that is found out here, not in a puzzling refusal by the server. */
function privateKey(head: Buffer, secret: unknown, open: unknown[]): KeyObject {
  const key = createPrivateKey({ key: Buffer.concat([head, bytes([secret])]), format: 'der', type: 'pkcs8' })
  const expected = bytes(open)
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  if (!spki.subarray(-expected.length).equals(expected)) throw new TypeError('not a key pair')
  return key
}

/** Each member of a JWK of these two kinds is 32 bytes. */
const bytes = (members: unknown[]): Buffer =>
  Buffer.concat(
    members.map((member) => {
      const read = fromBase64url(String(member))
      if (read.length !== 32) throw new TypeError('not 32 bytes')
      return read
    }),
  )

import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import { isSessionId, type SessionId } from '../../domain/ids.ts'
import type { RefreshStep } from '../../domain/session.ts'

/*
 * A refresh token is `<session id>.<secret>`. The secret is 54 bytes: the key's number (2), the generation (4), the salt
 * (16) and an HMAC-SHA256 over the session id and those (32). The key is sealed, so a copy of the database opens nothing;
 * the salt is fresh at every rotation, so a restored backup does not make the tokens that were made after it. The MAC
 * proves that we issued exactly this token before any row is looked at. 54 bytes fill 72 characters of base64url to the
 * last bit: there is no second spelling.
 */
const HEAD = 2 + 4 + 16
const LENGTH = HEAD + 32

export function writeRefreshToken(key: KeyObject, sessionId: SessionId, step: RefreshStep): string {
  const head = Buffer.alloc(HEAD)
  head.writeUInt16BE(step.keyNumber, 0)
  head.writeUInt32BE(step.generation, 2)
  head.set(step.salt, 6)
  return `${sessionId}.${Buffer.concat([head, mac(key, sessionId, head)]).toString('base64url')}`
}

/** Number of the key that a token names; undefined where it has not even the form of one. */
export function keyNumberOf(raw: string): number | undefined {
  const [, secret = ''] = raw.split('.')
  return /^[\w-]{72}$/.test(secret) ? Buffer.from(secret, 'base64url').readUInt16BE(0) : undefined
}

/** What the token was made from, or undefined unless this key made it, to the letter. */
export function parseRefreshToken(
  key: KeyObject,
  raw: string,
): { sessionId: SessionId; step: RefreshStep } | undefined {
  const [sessionId = '', secret = '', ...more] = raw.split('.')
  if (more.length > 0 || !isSessionId(sessionId) || !/^[\w-]{72}$/.test(secret)) return undefined
  const parts = Buffer.from(secret, 'base64url')
  if (parts.length !== LENGTH) return undefined
  const head = parts.subarray(0, HEAD)
  if (!timingSafeEqual(mac(key, sessionId, head), parts.subarray(HEAD))) return undefined
  const step = {
    keyNumber: head.readUInt16BE(0),
    generation: head.readUInt32BE(2),
    salt: Uint8Array.from(head.subarray(6)),
  }
  return { sessionId, step }
}

const mac = (key: KeyObject, sessionId: SessionId, head: Uint8Array): Buffer =>
  createHmac('sha256', key).update('hufu-refresh-1').update(sessionId).update(head).digest()

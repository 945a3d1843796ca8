import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { ProblemError } from '../domain/problem-error.ts'
import { randomBytes } from '../domain/random.ts'
import type { Vault } from '../ports/vault.ts'

/** 32 bytes that seal everything else. Never stored, never printed. */
export interface MasterKeys {
  current: Uint8Array
  previous: Uint8Array | undefined
}

const VERSION = 1
const KEY_ID = 4
const SALT = 16
const NONCE = 12
const TAG = 16
const HEAD = 1 + KEY_ID + SALT + NONCE

/** Values sealed with one derived key: far fewer than the 2³² after which a random nonce may come round again. */
const VALUES_PER_KEY = 2 ** 20

/**
 * AES-256-GCM with keys that are derived from the master key and a random salt, a fresh one from time to time, so that no
 * number of logins brings a nonce round again under one key. Layout: version, key id, salt, nonce, ciphertext, tag.
 *
 * Keys are held as key objects: given plain bytes, Node first takes them for one, fails, and throws and catches its own
 * error, which costs several times what sealing does.
 */
export function sealingVault({ current, previous }: MasterKeys): Vault {
  const keys = [current, ...(previous ? [previous] : [])].map((bytes) => {
    const key = createSecretKey(bytes)
    return { id: keyId(key), key }
  })
  const [newest] = keys
  if (!newest) throw new TypeError('a vault needs a master key')
  let derived = deriveKey(newest)
  return {
    seal(value, sealedFor) {
      if (derived.left-- === 0) derived = deriveKey(newest)
      const nonce = randomBytes(NONCE)
      const cipher = createCipheriv('aes-256-gcm', derived.key, nonce).setAAD(Buffer.from(sealedFor))
      const body = cipher.update(value, 'utf8')
      cipher.final()
      return Buffer.concat([derived.head, nonce, body, cipher.getAuthTag()])
    },
    open(sealed, sealedFor) {
      const parts = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length)
      const id = parts.subarray(1, 1 + KEY_ID)
      const known = keys.find((one) => one.id.equals(id))
      if (parts[0] !== VERSION || parts.length < HEAD + TAG || !known) throw unopened()
      try {
        const key = valueKey(known.key, parts.subarray(1 + KEY_ID, HEAD - NONCE))
        const decipher = createDecipheriv('aes-256-gcm', key, parts.subarray(HEAD - NONCE, HEAD))
          .setAAD(Buffer.from(sealedFor))
          .setAuthTag(parts.subarray(-TAG))
        return decipher.update(parts.subarray(HEAD, -TAG), undefined, 'utf8') + decipher.final('utf8')
      } catch {
        throw unopened()
      }
    },
    check: keyCheck(current),
    isStale: (sealed) => !newest.id.equals(sealed.subarray(1, 1 + KEY_ID)),
  }
}

/** What the database keeps to tell whether a master key is its own; says nothing about the key. */
export const keyCheck = (key: Uint8Array): string =>
  createHmac('sha256', key).update('hufu-key-check-1').digest('base64url')

const keyId = (key: KeyObject): Buffer => createHmac('sha256', key).update('hufu-key-id-1').digest().subarray(0, KEY_ID)

function deriveKey({ id, key }: { id: Buffer; key: KeyObject }) {
  const salt = randomBytes(SALT)
  return { key: valueKey(key, salt), head: Buffer.concat([Buffer.of(VERSION), id, salt]), left: VALUES_PER_KEY }
}

const valueKey = (key: KeyObject, salt: Uint8Array): KeyObject =>
  createSecretKey(createHmac('sha256', key).update('hufu-seal-1').update(salt).digest())

const unopened = (): ProblemError =>
  new ProblemError(
    'server_misconfigured',
    'A sealed value does not open: the master key is not the one it was sealed with.',
  )

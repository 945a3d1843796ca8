import { createPublicKey, type KeyObject } from 'node:crypto'
import { compactVerify } from 'jose/jws/compact/verify'
import { assertionInvalid, CLAIMS, readAssertedCaller } from '../domain/assertion.ts'
import { isCompactJws } from '../domain/base64url.ts'
import { algorithmOf, type CloudKey } from '../domain/cloud-key.ts'
import type { Assertions } from '../ports/assertions.ts'
import type { Directory } from '../ports/directory.ts'
import type { Log } from '../ports/log.ts'

const MOST_CHARACTERS = 8192

/** Assertions of cloud functions, signed with a key whose public half we hold (threat T22). */
export function joseAssertions(parts: { directory: Directory; issuer: string; log: Log }): Assertions {
  const { directory, issuer, log } = parts
  const opened = new WeakMap<CloudKey, KeyObject>()
  const open = (key: CloudKey): KeyObject => {
    const known = opened.get(key) ?? createPublicKey({ key: JSON.parse(key.publicJwk), format: 'jwk' })
    opened.set(key, known)
    return known
  }

  async function check(assertion: string, now: number) {
    if (assertion.length > MOST_CHARACTERS) throw new TypeError('too long')
    if (!isCompactJws(assertion)) throw new TypeError('not a JWT in compact form')
    const [head = '', body = ''] = assertion.split('.')
    const { kid, typ } = readMembers(head, ['alg', 'kid', 'typ'])
    if (typ !== 'JWT') throw new TypeError('not a JWT')
    const key = typeof kid === 'string' ? directory.cloudKey(kid) : undefined
    if (!key || key.revokedAt !== undefined) throw new TypeError('no such key, or a revoked one')
    await compactVerify(assertion, open(key), { algorithms: [algorithmOf(key)] })
    const app = directory.app(key.appId)
    if (!app) throw new TypeError('the app of this key is gone')
    return { app, key, ...readAssertedCaller(readMembers(body, CLAIMS), { appId: key.appId, issuer, now }) }
  }

  return {
    async read(assertion, now) {
      try {
        return await check(assertion, now)
      } catch (error) {
        // Only what we say ourselves: a parser's message quotes what it read.
        const reason = error instanceof TypeError ? error.message : 'not a JWT that this key has signed'
        log.info('assertion_refused', { reason })
        throw assertionInvalid()
      }
    },
  }
}

/**
 * The members of a JSON object in base64url. Those that nobody asked for (`jwk`, `jku`, `x5u`, a claim of another
 * standard) are refused and not ignored, and so is a name that stands there twice.
 */
function readMembers(part: string, known: readonly string[]): Record<string, unknown> {
  const text = Buffer.from(part, 'base64url').toString()
  const members: unknown = JSON.parse(text)
  if (typeof members !== 'object' || members === null) throw new TypeError('not a JWT')
  const names = Object.keys(members)
  if (!names.every((name) => known.includes(name))) throw new TypeError(`members other than ${known.join(', ')}`)
  if (text.match(/"\s*:/g)?.length !== names.length) throw new TypeError('a member that stands there twice')
  return { ...members }
}

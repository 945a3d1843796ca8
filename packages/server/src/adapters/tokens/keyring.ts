import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  hash,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto'
import type { KeyPurpose, KeyTimes } from '../../domain/key-state.ts'
import { randomBytes } from '../../domain/random.ts'
import type { StoredKey } from '../../ports/registry.ts'
import type { Vault } from '../../ports/vault.ts'

export type SigningAlgorithm = 'ES256' | 'EdDSA' | 'RS256'
export const SIGNING_ALGORITHMS: readonly SigningAlgorithm[] = ['ES256', 'EdDSA', 'RS256']

/** A key of ours, opened: what signs access tokens and what others check them by. */
export interface SigningKey extends KeyTimes {
  algorithm: SigningAlgorithm
  /** The JWK's thumbprint (RFC 7638): never the same for two keys, whatever database they come from. */
  kid: string
  privateKey: KeyObject
  publicKey: KeyObject
  publicJwk: JsonWebKey
}

/** A key that refresh tokens are derived with. */
export interface RefreshKey extends KeyTimes {
  secret: KeyObject
}

/** Every key of the database that opens, in the order of their numbers. */
export interface Keyring {
  signing: readonly SigningKey[]
  refresh: readonly RefreshKey[]
}

const sealedFor = (purpose: KeyPurpose): string => `key ${purpose}`

/** Makes the secret half of a new key, sealed. */
export function newSealedKey(vault: Vault, purpose: KeyPurpose, algorithm: string): string {
  const secret =
    purpose === 'refresh'
      ? Buffer.from(randomBytes(32)).toString('base64url')
      : JSON.stringify(newPrivateJwk(algorithm))
  return Buffer.from(vault.seal(secret, sealedFor(purpose))).toString('base64url')
}

function newPrivateJwk(algorithm: string): JsonWebKey {
  switch (algorithm) {
    case 'EdDSA':
      return generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
    case 'RS256':
      return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })
    default:
      return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
  }
}

/** The secret half of a key. @throws {ProblemError} `server_misconfigured` as the vault does */
export const openKey = (vault: Vault, key: StoredKey): string =>
  vault.open(Buffer.from(key.sealed, 'base64url'), sealedFor(key.purpose))

/** The same secret, sealed with the current master key. */
export const resealKey = (vault: Vault, key: StoredKey): string =>
  Buffer.from(vault.seal(openKey(vault, key), sealedFor(key.purpose))).toString('base64url')

/**
 * Opens the keys of the database, each once: a number never gets another secret.
 *
 * @param before what was open until now
 * @param unopened told of a key that does not open and was not open before
 */
export function openKeyring(
  vault: Vault,
  keys: StoredKey[],
  before: Keyring | undefined,
  unopened: (number: number, error: Error) => void,
): Keyring {
  const ring = { signing: [] as SigningKey[], refresh: [] as RefreshKey[] }
  for (const key of keys) {
    const { number, signsFrom, retiredAt } = key
    const times = { number, signsFrom, retiredAt }
    const known = <Opened extends KeyTimes>(ones: readonly Opened[] = []) => ones.find((one) => one.number === number)
    try {
      if (key.purpose === 'signing') {
        ring.signing.push({ ...(known(before?.signing) ?? openSigningKey(vault, key)), ...times })
      } else {
        const secret = known(before?.refresh)?.secret ?? createSecretKey(openKey(vault, key), 'base64url')
        ring.refresh.push({ ...times, secret })
      }
    } catch (error) {
      unopened(number, error as Error)
    }
  }
  return ring
}

/**
 * RFC 7518 §3.4 wants the two numbers of an ECDSA signature side by side. `sign` reads this from the key itself too; an
 * object around the key it would first take for a key, and throw and catch its own error at every signature.
 */
const AS_IN_JWS = { dsaEncoding: 'ieee-p1363' } as const

function openSigningKey(vault: Vault, key: StoredKey): SigningKey {
  const privateKey = Object.assign(createPrivateKey({ key: JSON.parse(openKey(vault, key)), format: 'jwk' }), AS_IN_JWS)
  const publicKey = createPublicKey(privateKey)
  const jwk = publicKey.export({ format: 'jwk' })
  const algorithm = SIGNING_ALGORITHMS.find((one) => one === key.algorithm) ?? 'ES256'
  const kid = thumbprint(jwk)
  return {
    number: key.number,
    signsFrom: key.signsFrom,
    algorithm,
    kid,
    privateKey,
    publicKey,
    publicJwk: { ...jwk, kid, alg: algorithm, use: 'sig' },
    retiredAt: key.retiredAt,
  }
}

/** RFC 7638 §3: the required members only, in the order of their names. */
function thumbprint({ crv, e, kty, n, x, y }: JsonWebKey): string {
  const required = Object.fromEntries(
    Object.entries({ crv, e, kty, n, x, y }).filter(([, value]) => value !== undefined),
  )
  return hash('sha256', JSON.stringify(required), 'base64url')
}

import { randomBytes } from './random.ts'

declare const id: unique symbol
type Id<Name extends string> = string & { readonly [id]: Name }

/** `usr_…`: the account Hufu owns. Never an openid, never a unionid. */
export type UserId = Id<'UserId'>
/** `ses_…`: one signed-in device. */
export type SessionId = Id<'SessionId'>
/** A user pool's name, chosen by the operator: 1–64 of `a-z 0-9 -`. */
export type RealmId = Id<'RealmId'>

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz' // Crockford's base 32: sorts like the number it spells
const RANDOM_CHARACTERS = 16 // 80 bits

export type IdPrefix = 'usr' | 'ses' | 'req' | 'uni' | 'cfl' | 'ck'

/**
 * A new id: prefix, 48 bits of time, 80 random bits. Sorts by time to the millisecond and cannot be guessed, like a
 * UUIDv7 (RFC 9562 §5.7) but shorter to read: `usr_` and 26 characters.
 *
 * @param now milliseconds since 1970
 */
export function newId<Prefix extends IdPrefix>(prefix: Prefix, now: number): string {
  let random = ''
  for (const byte of randomBytes(RANDOM_CHARACTERS)) random += ALPHABET[byte & 31]
  return `${prefix}_${spellTime(now)}${random}`
}

function spellTime(now: number): string {
  let time = ''
  for (let rest = now, place = 0; place < 10; place++, rest = Math.floor(rest / 32)) time = ALPHABET[rest % 32] + time
  return time
}

/**
 * Text that sorts behind the id of every session that began until `time`, and before those that began later.
 *
 * @param time milliseconds since 1970
 */
export const sessionIdsUntil = (time: number): string => `ses_${spellTime(time)}~`

export const newUserId = (now: number): UserId => newId('usr', now) as UserId
export const newSessionId = (now: number): SessionId => newId('ses', now) as SessionId

const shape = (prefix: IdPrefix): RegExp => new RegExp(`^${prefix}_[${ALPHABET}]{26}$`)
const USER_ID = shape('usr')
const SESSION_ID = shape('ses')
const CLOUD_KEY_ID = shape('ck')
const CONFLICT_ID = shape('cfl')
/** The absorbed user's id without its prefix, and when, in base 36. */
const UNIFICATION_ID = new RegExp(`^uni_[${ALPHABET}]{26}[0-9a-z]{0,12}$`)

export const isUserId = (raw: string): raw is UserId => USER_ID.test(raw)
export const isCloudKeyId = (raw: string): boolean => CLOUD_KEY_ID.test(raw)
export const isConflictId = (raw: string): boolean => CONFLICT_ID.test(raw)
export const isUnificationId = (raw: string): boolean => UNIFICATION_ID.test(raw)
export const isSessionId = (raw: string): raw is SessionId => SESSION_ID.test(raw)
export const isRealmId = (raw: string): raw is RealmId => /^[a-z0-9][a-z0-9-]{0,63}$/.test(raw)

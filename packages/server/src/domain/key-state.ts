import { DAY, MINUTE } from './time.ts'

/** What a key is there for. */
export type KeyPurpose = 'signing' | 'refresh'

/**
 * Published and not used yet; making tokens; only checking those that it made; refused. A state follows from the times of
 * the keys, so that no process needs to be told.
 */
export type KeyState = 'next' | 'signing' | 'verifying' | 'retired'

/** When a key begins and ends, in milliseconds since 1970. */
export interface KeyTimes {
  /** Grows with each key. */
  number: number
  /** From when it makes tokens. */
  signsFrom: number
  /** Since when nothing of it is accepted. */
  retiredAt: number | undefined
}

/**
 * How long a key is published before it makes a token: others keep our public keys for a minute, and other processes look
 * twice a second (threat T24).
 */
export const PUBLISHED_BEFORE = MINUTE
/** Clocks of processes and of whoever checks tokens may differ by this. */
const CLOCKS_APART = 2 * MINUTE
/** A refresh key outlives every session that may bear a token of it. */
export const REFRESH_KEY_LIFE = 90 * DAY

const isAfter = (one: KeyTimes, other: KeyTimes): boolean =>
  one.signsFrom > other.signsFrom || (one.signsFrom === other.signsFrom && one.number > other.number)

const newest = <Key extends KeyTimes>(keys: readonly Key[]): Key | undefined =>
  keys.reduce<Key | undefined>((found, key) => (found && isAfter(found, key) ? found : key), undefined)

/**
 * The key of one purpose that makes tokens now. All processes find the same one. A clock that stepped back to before every
 * key takes the first that will be.
 */
export function keyInUse<Key extends KeyTimes>(keys: readonly Key[], now: number): Key | undefined {
  const live = keys.filter(({ retiredAt }) => retiredAt === undefined)
  return (
    newest(live.filter(({ signsFrom }) => signsFrom <= now)) ?? live.toSorted((a, b) => a.signsFrom - b.signsFrom)[0]
  )
}

/** @param keys all of the same purpose */
export function keyState<Key extends KeyTimes>(key: Key, keys: readonly Key[], now: number): KeyState {
  if (key.retiredAt !== undefined) return 'retired'
  if (keyInUse(keys, now)?.number === key.number) return 'signing'
  return key.signsFrom > now ? 'next' : 'verifying'
}

/**
 * Until when something of a key can be good: its successor has begun by then, and the last token of it is over.
 *
 * @param keys all of the same purpose
 * @param life of what it makes, in milliseconds
 * @returns undefined while nothing succeeds it
 */
export function lastUseOf<Key extends KeyTimes>(key: Key, keys: readonly Key[], life: number): number | undefined {
  const successors = keys.filter(
    (one) => isAfter(one, key) && (one.retiredAt === undefined || one.retiredAt > one.signsFrom),
  )
  if (successors.length === 0) return undefined
  return Math.min(...successors.map(({ signsFrom }) => signsFrom)) + life + CLOCKS_APART
}

/** The keys of one purpose that have done their work: nothing that they made is good any more. */
export const keysToRetire = <Key extends KeyTimes>(keys: readonly Key[], now: number, life: number): Key[] =>
  keys.filter((key) => {
    const last = lastUseOf(key, keys, life)
    return keyState(key, keys, now) === 'verifying' && last !== undefined && now > last
  })

import type { AppId, OpenId } from '@hufu/wechat/words'
import type { SessionId, UserId } from './ids.ts'
import { DAY, MINUTE, SECOND } from './time.ts'

/** Lives of sessions and tokens, in milliseconds. */
export interface Lifetimes {
  /** Of an access token. */
  access: number
  /** A session unused for this long is over. */
  idle: number
  /** A session is over this long after its login, used or not. */
  absolute: number
  /** How long after a rotation the direct predecessor still yields the same successor. */
  grace: number
  /** How long a code that is posted again gives the same session. */
  codeMemory: number
}

export const LIFETIMES: Lifetimes = {
  access: 15 * MINUTE,
  idle: 30 * DAY,
  absolute: 90 * DAY,
  grace: 30 * SECOND,
  codeMemory: 60 * SECOND,
}

/** An act that wants a fresh login takes a session that began at most this long ago, in milliseconds. */
export const FRESH = 5 * MINUTE

/** Live sessions that one user may have in one app; the oldest ends when another begins. */
export const SESSIONS_PER_APP = 10

/** Why a session ended. Only `reused` and `late_retry` speak of its refresh tokens. */
export type SessionEnd =
  | 'logout'
  | 'reused'
  | 'late_retry'
  | 'crowded_out'
  | 'operator'
  | 'blocked'
  | 'deleted'
  | 'expired'

/** What one refresh token is made from, besides the sealed key. The salt is 16 fresh random bytes. */
export interface RefreshStep {
  generation: number
  /** Number of the sealed key that the token is derived with. */
  keyNumber: number
  salt: Uint8Array
}

/** One signed-in device: a family of refresh tokens, of which the row keeps the current step and the one before. */
export interface Session {
  id: SessionId
  userId: UserId
  appId: AppId
  openid: OpenId
  createdAt: number
  lastUsedAt: number
  current: RefreshStep
  previous: RefreshStep | undefined
  rotatedAt: number
  ended: SessionEnd | undefined
}

export type RefreshVerdict =
  | 'rotate' // the current token: make the next
  | 'repeat' // its direct predecessor, soon and before the successor was used: the same successor again
  | 'late' // the predecessor, too late, successor unused: a phone slept; this session ends
  | 'stolen' // the successor was used already: two parties hold this family; it ends
  | 'expired'
  | 'unknown' // not a step of this session: a restored backup, or a session that ended

/**
 * Judges a refresh token that is certainly ours (its signature held) against the session's row.
 *
 * Rotating is using: while the row stands at generation g, the token of g is unused, so the predecessor's successor is
 * unused too. Anything older means that its successor was used.
 */
export function judgeRefresh(
  session: Session,
  presented: RefreshStep,
  now: number,
  lifetimes: Lifetimes,
): RefreshVerdict {
  if (session.ended) return session.ended === 'reused' || session.ended === 'late_retry' ? 'stolen' : 'unknown'
  if (isOver(session, now, lifetimes)) return 'expired'
  if (sameStep(presented, session.current)) return 'rotate'
  if (session.previous && sameStep(presented, session.previous)) {
    // In both directions: a clock that steps back must not open the grace again (threat T20).
    return Math.abs(now - session.rotatedAt) <= lifetimes.grace ? 'repeat' : 'late'
  }
  return presented.generation < session.current.generation - 1 ? 'stolen' : 'unknown'
}

/** Whether a session's life has passed. A clock that steps back never lengthens a life that was already over. */
export function isOver(
  session: Pick<Session, 'createdAt' | 'lastUsedAt'>,
  now: number,
  { idle, absolute }: Pick<Lifetimes, 'idle' | 'absolute'>,
): boolean {
  return now - session.lastUsedAt >= idle || now - session.createdAt >= absolute
}

function sameStep(one: RefreshStep, other: RefreshStep): boolean {
  return (
    one.generation === other.generation &&
    one.keyNumber === other.keyNumber &&
    Buffer.compare(one.salt, other.salt) === 0
  )
}

import type { Act } from '../../../domain/act.ts'
import type { SessionId, UserId } from '../../../domain/ids.ts'
import {
  judgeRefresh,
  type Lifetimes,
  type RefreshVerdict,
  type Session,
  type SessionEnd,
} from '../../../domain/session.ts'
import type { RefreshFacts, RefreshOutcome, SessionOwner } from '../../../ports/sessions.ts'
import { changes, row, rows, type Script, type Steps } from '../script.ts'
import { audit } from './audit.ts'
import { holdUser } from './hold.ts'
import { OWNER_COLUMNS, owner, SESSION_COLUMNS, toOwner, toSession } from './read.ts'

/** Judges a refresh token against its session and does what the verdict says. */
export const refresh: Script<RefreshFacts, RefreshOutcome> = function* (facts) {
  const found = yield* row(`SELECT ${SESSION_COLUMNS} FROM sessions s WHERE s.id = ? FOR UPDATE`, facts.sessionId)
  if (!found) return { verdict: 'unknown', session: undefined, user: undefined }
  const session = toSession(found)
  const user = yield* owner(session.userId)
  if (user?.status !== 'active') return { verdict: 'unknown', session, user }
  const verdict = judgeRefresh(session, facts.presented, facts.act.now, facts.lifetimes)
  return { verdict, session: yield* applyVerdict(verdict, session, facts), user }
}

function* applyVerdict(verdict: RefreshVerdict, session: Session, facts: RefreshFacts): Steps<Session> {
  switch (verdict) {
    case 'rotate':
      return yield* rotate(session, facts)
    case 'stolen':
      return session.ended ? session : yield* endReused(session, facts.act, 'reused')
    case 'late':
      return yield* endReused(session, facts.act, 'late_retry')
    case 'expired':
      yield* rows("UPDATE sessions SET ended = 'expired' WHERE id = ?", session.id)
      return { ...session, ended: 'expired' }
    case 'repeat':
    case 'unknown':
      return session
  }
}

function* rotate(session: Session, { act, next }: RefreshFacts): Steps<Session> {
  const current = { ...next, generation: session.current.generation + 1 }
  // Time that steps back must not give a session more life than it had.
  const usedAt = Math.max(act.now, session.lastUsedAt)
  yield* rows(
    `UPDATE sessions SET generation = ?, key_number = ?, salt = ?, previous_key_number = ?, previous_salt = ?,
       rotated_at = ?, last_used_at = ? WHERE id = ?`,
    current.generation,
    current.keyNumber,
    current.salt,
    session.current.keyNumber,
    session.current.salt,
    act.now,
    usedAt,
    session.id,
  )
  return { ...session, current, previous: session.current, rotatedAt: act.now, lastUsedAt: usedAt }
}

function* endReused(session: Session, act: Act, reason: 'reused' | 'late_retry'): Steps<Session> {
  yield* rows('UPDATE sessions SET ended = ? WHERE id = ?', reason, session.id)
  yield* audit(act, {
    kind: 'refresh_reused',
    outcome: 'refused',
    userId: session.userId,
    appId: session.appId,
    sessionId: session.id,
    detail: { reason },
  })
  return { ...session, ended: reason }
}

export const findSession: Script<SessionId, { session: Session; user: SessionOwner } | undefined> = function* (id) {
  const found = yield* row(
    `SELECT ${SESSION_COLUMNS}, ${OWNER_COLUMNS} FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ?`,
    id,
  )
  return found && { session: toSession(found), user: toOwner(found) }
}

export const listSessions: Script<{ user: UserId; now: number; lifetimes: Lifetimes }, Session[]> = function* (asked) {
  const { user, now, lifetimes } = asked
  const found = yield* rows(
    `SELECT ${SESSION_COLUMNS} FROM sessions s
     WHERE s.user_id = ? AND s.ended IS NULL AND s.last_used_at > ? AND s.created_at > ? ORDER BY s.id DESC`,
    user,
    now - lifetimes.idle,
    now - lifetimes.absolute,
  )
  return found.map(toSession)
}

type Ending = { act: Act; userId: UserId; reason: SessionEnd }

export const endSession: Script<Ending & { sessionId: SessionId }, boolean> = function* (asked) {
  const { act, sessionId, reason } = asked
  const userId = yield* holdUser(asked.userId)
  if (!userId) return false
  const ended = yield* changes(
    'UPDATE sessions SET ended = ? WHERE id = ? AND user_id = ? AND ended IS NULL RETURNING 1',
    reason,
    sessionId,
    userId,
  )
  if (ended === 0) return false
  yield* audit(act, { kind: 'session_ended', outcome: 'ok', userId, sessionId, detail: { reason, count: 1 } })
  return true
}

export const endSessions: Script<Ending, number> = function* ({ act, userId: id, reason }) {
  const user = yield* holdUser(id)
  if (!user) return 0
  const count = yield* endAllOf(user, reason)
  yield* audit(act, { kind: 'session_ended', outcome: 'ok', userId: user, detail: { reason, count } })
  return count
}

/** Ends every live session of a user, as part of the transaction under way. */
export function* endAllOf(user: UserId, reason: SessionEnd): Steps<number> {
  return yield* changes('UPDATE sessions SET ended = ? WHERE user_id = ? AND ended IS NULL RETURNING 1', reason, user)
}

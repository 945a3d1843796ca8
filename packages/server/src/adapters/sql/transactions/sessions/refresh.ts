import type { Act } from '../../../../domain/act.ts'
import { judgeRefresh, type RefreshVerdict, type Session } from '../../../../domain/session.ts'
import type { RefreshFacts, Sessions } from '../../../../ports/sessions.ts'
import { SESSION, sessionRow } from '../../rows/session.ts'
import { forUpdate, one, run, type Statements, sql } from '../../sql.ts'
import { write } from '../../transaction.ts'
import { audit } from '../events/write-events.ts'
import { ownerById } from './session-by-id.ts'

/** Judges a refresh token against its session and does what the verdict says. */
export const refresh = write<Sessions['refresh']>(
  function* (facts) {
    const found = yield* one(sql`SELECT ${SESSION} FROM sessions s WHERE s.id = ${facts.sessionId} ${forUpdate()}`)
    if (!found) return { verdict: 'unknown', session: undefined, user: undefined }
    const session = sessionRow(found)
    const user = yield* ownerById(session.userId)
    if (user?.status !== 'active') return { verdict: 'unknown', session, user }
    const verdict = judgeRefresh(session, facts.presented, facts.act.now, facts.lifetimes)
    return { verdict, session: yield* applyVerdict(verdict, session, facts), user }
  },
  { turns: ({ sessionId }) => [`session ${sessionId}`] },
)

function* applyVerdict(verdict: RefreshVerdict, session: Session, facts: RefreshFacts): Statements<Session> {
  switch (verdict) {
    case 'rotate':
      return yield* rotate(session, facts)
    case 'stolen':
      return session.ended ? session : yield* endReused(session, facts.act, 'reused')
    case 'late':
      return yield* endReused(session, facts.act, 'late_retry')
    case 'expired':
      yield* run(sql`UPDATE sessions SET ended = 'expired' WHERE id = ${session.id}`)
      return { ...session, ended: 'expired' }
    case 'repeat':
    case 'unknown':
      return session
  }
}

function* rotate(session: Session, { act, next }: RefreshFacts): Statements<Session> {
  const previous = session.current
  const current = { ...next, generation: previous.generation + 1 }
  // Time that steps back must not give a session more life than it had.
  const usedAt = Math.max(act.now, session.lastUsedAt)
  yield* run(sql`
    UPDATE sessions SET generation = ${current.generation}, key_number = ${current.keyNumber}, salt = ${current.salt},
      previous_key_number = ${previous.keyNumber}, previous_salt = ${previous.salt},
      rotated_at = ${act.now}, last_used_at = ${usedAt}
    WHERE id = ${session.id}`)
  return { ...session, current, previous, rotatedAt: act.now, lastUsedAt: usedAt }
}

function* endReused(session: Session, act: Act, reason: 'reused' | 'late_retry'): Statements<Session> {
  yield* run(sql`UPDATE sessions SET ended = ${reason} WHERE id = ${session.id}`)
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

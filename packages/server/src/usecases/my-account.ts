import { isSessionId } from '../domain/ids.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Lifetimes, Session } from '../domain/session.ts'
import { DAY } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Sessions } from '../ports/sessions.ts'
import type { Tokens } from '../ports/tokens.ts'
import type { Users, UserView } from '../ports/users.ts'
import type { Person } from './authenticate.ts'

export interface MyAccountDeps {
  users: Users
  sessions: Sessions
  tokens: Tokens
  clock: Clock
  lifetimes: Lifetimes
}

/** What the person may know about themselves. */
export async function myself({ users }: MyAccountDeps, person: Person): Promise<UserView> {
  const found = await users.find(person.userId)
  if (!found) throw new ProblemError('token_invalid', 'The user of this token is gone.')
  return found
}

export function mySessions({ sessions, clock, lifetimes }: MyAccountDeps, person: Person): Promise<Session[]> {
  return sessions.listOf({ userId: person.userId, now: clock.now(), lifetimes })
}

/** @throws {ProblemError} `not_found` when it is not a live session of this person. */
export async function endMySession(
  { sessions, clock }: MyAccountDeps,
  person: Person,
  input: { sessionId: string; requestId: string },
): Promise<void> {
  const act = { actor: `user:${person.userId}`, requestId: input.requestId, now: clock.now() }
  const { sessionId } = input
  const isMine =
    isSessionId(sessionId) && (await sessions.end({ act, userId: person.userId, sessionId, reason: 'logout' }))
  if (!isMine) throw new ProblemError('not_found', 'You have no such session.')
}

/** Ends the session that a refresh token belongs to; quietly does nothing when there is none left to end. */
export async function logOutByRefreshToken(
  { sessions, tokens, clock }: MyAccountDeps,
  input: { refreshToken: string; requestId: string },
): Promise<void> {
  const presented = tokens.readRefresh(input.refreshToken)
  if (!presented) throw new ProblemError('token_invalid', 'This is not a refresh token of ours.')
  const found = await sessions.find(presented.sessionId)
  if (!found || found.session.ended) return
  const act = { actor: `user:${found.user.id}`, requestId: input.requestId, now: clock.now() }
  await sessions.end({ act, userId: found.user.id, sessionId: presented.sessionId, reason: 'logout' })
}

/** Detaches and signs out at once. Returns when the last traces, such as those in the write-ahead log, are gone. */
export async function deleteMyself(
  { users, clock }: MyAccountDeps,
  person: Person,
  requestId: string,
): Promise<{ erasedBy: number }> {
  const now = clock.now()
  await users.delete({ act: { actor: `user:${person.userId}`, requestId, now }, userId: person.userId })
  return { erasedBy: now + DAY }
}

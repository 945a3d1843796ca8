import type { Lifetimes, Session } from '../domain/session.ts'
import type { Sessions } from '../ports/sessions.ts'
import type { Person } from './authenticate.ts'

export interface ListMySessionsDeps {
  sessions: Sessions
  lifetimes: Lifetimes
}

/** The live sessions of a person, newest first. */
export const listMySessions = (
  { sessions, lifetimes }: ListMySessionsDeps,
  { person, now }: { person: Person; now: number },
): Promise<Session[]> => sessions.listOf({ userId: person.userId, now, lifetimes })

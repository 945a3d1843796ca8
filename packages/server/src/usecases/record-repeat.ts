import type { Act } from '../domain/act.ts'
import type { Session } from '../domain/session.ts'
import type { Events } from '../ports/events.ts'
import type { RepeatMemory } from './repeat-memory.ts'

export interface RecordRepeatDeps {
  events: Events
  repeats: RepeatMemory
}

/**
 * Writes down that a refresh token gave its successor again: mostly an answer that got lost, but a thief who is quick looks the
 * same (threat T18). Once for each token and address block.
 */
export async function recordRepeat(
  { events, repeats }: RecordRepeatDeps,
  { act, session, clientAddress }: { act: Act; session: Session; clientAddress: string | undefined },
): Promise<void> {
  const { id: sessionId, userId, appId } = session
  const repeat = { sessionId, generation: session.current.generation, clientAddress }
  if (!repeats.take(repeat)) return
  const detail = {
    afterMs: Math.abs(act.now - session.rotatedAt),
    ...(clientAddress === undefined ? {} : { clientAddress }),
  }
  try {
    await events.record({ act, entry: { kind: 'refresh_repeated', outcome: 'ok', userId, appId, sessionId, detail } })
  } catch (error) {
    repeats.giveBack(repeat)
    throw error
  }
}

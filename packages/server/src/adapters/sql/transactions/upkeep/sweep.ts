import type { SweepInput, Upkeep } from '../../../../ports/upkeep.ts'
import { write } from '../../transaction.ts'
import { readCursors } from './cursor.ts'
import { sweepAssertions, sweepCodes } from './sweep-codes.ts'
import { sweepAudit, sweepOutbox } from './sweep-events.ts'
import { sweepSessions } from './sweep-sessions.ts'
import { walkIdentities } from './walk-identities.ts'

/**
 * One bounded slice of the cleaning. Of several processes one works at a time: the next goes on where it stopped.
 */
export const sweep = write<Upkeep['sweep']>(
  function* (input: SweepInput) {
    const cursors = yield* readCursors()
    const { sessions, sessionKeys } = yield* sweepSessions(input, cursors)
    const forgotten = yield* walkIdentities(input, cursors)
    const codes = yield* sweepCodes(input)
    const assertions = yield* sweepAssertions(input)
    const audit = yield* sweepAudit(input, cursors)
    const outbox = yield* sweepOutbox(input)
    return {
      sessions: sessions.swept,
      codes: codes.swept + assertions.swept,
      sessionKeys: sessionKeys + forgotten,
      events: audit.swept + outbox.swept,
      isThrough: [sessions, codes, assertions, audit, outbox].every((part) => part.isThrough),
    }
  },
  { locks: () => ['sweep'] },
)

import { ProblemError } from '../domain/problem-error.ts'
import type { UndoPlan } from '../domain/unification.ts'
import type { Clock } from '../ports/clock.ts'
import type { NotUndoable, Reconciliation } from '../ports/reconciliation.ts'

export interface ReconcileDeps {
  reconciliation: Reconciliation
  clock: Clock
}

/** What undoing would do. @throws {ProblemError} `not_found`, `identity_conflict` */
export async function previewUndo({ reconciliation }: ReconcileDeps, id: string): Promise<UndoPlan> {
  return undoable(await reconciliation.previewUndo(id))
}

/** Splits two users again. @throws {ProblemError} `not_found`, `identity_conflict` */
export async function undoUnification(
  { reconciliation, clock }: ReconcileDeps,
  { id, requestId }: { id: string; requestId: string },
): Promise<UndoPlan> {
  return undoable(await reconciliation.undo({ act: { actor: 'operator', requestId, now: clock.now() }, id }))
}

function undoable(outcome: UndoPlan | NotUndoable): UndoPlan {
  if (!('not' in outcome)) return outcome
  switch (outcome.not) {
    case 'unknown':
      throw new ProblemError('not_found', 'There is no such unification.')
    case 'undone':
      throw new ProblemError('identity_conflict', 'This unification was undone before.')
    case 'user_gone':
      throw new ProblemError('identity_conflict', 'The user was deleted since.')
    case 'later_first':
      throw new ProblemError(
        'identity_conflict',
        `A later unification of the same user must be undone first: ${outcome.later}.`,
      )
  }
}

/** @throws {ProblemError} `not_found`, `invalid_request` */
export async function resolveConflict(
  { reconciliation, clock }: ReconcileDeps,
  { id, decision, requestId }: { id: string; decision: string; requestId: string },
): Promise<void> {
  if (decision !== 'keep' && decision !== 'accept') {
    throw new ProblemError('invalid_request', 'Wrong: decision (keep or accept).')
  }
  const act = { actor: 'operator', requestId, now: clock.now() }
  const outcome = await reconciliation.resolveConflict({ act, id, decision })
  if (outcome === 'resolved') return
  throw new ProblemError(
    'not_found',
    outcome === 'unknown' ? 'There is no such conflict.' : 'The user of this conflict is gone.',
  )
}

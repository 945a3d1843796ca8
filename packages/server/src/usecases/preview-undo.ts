import { ProblemError } from '../domain/problem-error.ts'
import type { UndoPlan } from '../domain/unification.ts'
import type { NotUndoable, Reconciliation } from '../ports/reconciliation.ts'

/** What undoing a unification would do; changes nothing. @throws {ProblemError} `not_found`, `identity_conflict` */
export async function previewUndo(
  { reconciliation }: { reconciliation: Reconciliation },
  id: string,
): Promise<UndoPlan> {
  return planOf(await reconciliation.previewUndo(id))
}

/** The plan, or why there is none. @throws {ProblemError} `not_found`, `identity_conflict` */
export function planOf(outcome: UndoPlan | NotUndoable): UndoPlan {
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

import type { Act } from '../domain/act.ts'
import type { UndoPlan } from '../domain/unification.ts'
import type { Reconciliation } from '../ports/reconciliation.ts'
import { planOf } from './preview-undo.ts'

/** Splits two users again. @throws {ProblemError} `not_found`, `identity_conflict` */
export async function undoUnification(
  { reconciliation }: { reconciliation: Reconciliation },
  { act, id }: { act: Act; id: string },
): Promise<UndoPlan> {
  return planOf(await reconciliation.undo({ act, id }))
}

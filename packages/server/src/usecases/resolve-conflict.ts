import type { Act } from '../domain/act.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Reconciliation } from '../ports/reconciliation.ts'

/** Decides a conflict: `keep` or `accept`. @throws {ProblemError} `not_found`, `invalid_request` */
export async function resolveConflict(
  { reconciliation }: { reconciliation: Reconciliation },
  { act, id, decision }: { act: Act; id: string; decision: string },
): Promise<void> {
  if (decision !== 'keep' && decision !== 'accept') {
    throw new ProblemError('invalid_request', 'Wrong: decision (keep or accept).')
  }
  const outcome = await reconciliation.resolveConflict({ act, id, decision })
  if (outcome === 'resolved') return
  throw new ProblemError(
    'not_found',
    outcome === 'unknown' ? 'There is no such conflict.' : 'The user of this conflict is gone.',
  )
}

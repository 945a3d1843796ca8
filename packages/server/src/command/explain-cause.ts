import { explainDatabase } from './explain-database.ts'
import { explainSystem } from './explain-system.ts'
import type { Explanation } from './explanation.ts'

/** Looks through the causes of an error for one that the system, a database or the network made. */
export function explainCause(error: unknown): Explanation | undefined {
  for (let one = error; one instanceof Error; one = one.cause) {
    // A name with several addresses fails once for each; the first says it all.
    const single = one instanceof AggregateError ? (one.errors[0] ?? one) : one
    const explained = single instanceof Error ? (explainDatabase(single) ?? explainSystem(single)) : undefined
    if (explained) return explained
  }
  return undefined
}

/** The first of the causes. */
export function rootOf(error: unknown): unknown {
  let root = error
  while (root instanceof Error && root.cause instanceof Error) root = root.cause
  return root
}

import type { Directory } from '../ports/directory.ts'

/** Milliseconds between two looks: a flood of made-up tokens must not become one of questions to the database. */
const BETWEEN = 50

/**
 * Reads the setup again for somebody who met a key that this process does not know, at most every 50 ms for all together.
 * Whoever comes in between waits for the next look: the one before may have been too early.
 */
export function lookAgain(directory: Pick<Directory, 'refresh'>): () => Promise<void> {
  let last = Number.NEGATIVE_INFINITY
  let awaited: Promise<void> | undefined
  const look = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, last + BETWEEN - performance.now())))
    awaited = undefined // from here on it may be too early for whoever comes
    last = performance.now()
    await directory.refresh()
  }
  return () => {
    awaited ??= look()
    return awaited
  }
}

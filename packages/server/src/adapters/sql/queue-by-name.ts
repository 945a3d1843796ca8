import { unavailable } from './unavailable.ts'

/**
 * Runs work that contends for the same names one after another, in the order in which it came; work without a common
 * name, or without any, does not wait. Holds nothing for a name that nobody uses.
 *
 * @throws {ProblemError} `unavailable` when too many wait already
 */
export type QueueByName = <T>(names: readonly string[], work: () => Promise<T>) => Promise<T>

/** Waiting costs about a kilobyte. Whoever comes after so many would not be served in time. */
const MOST_WAITING = 10_000

export function queueByName(mostWaiting = MOST_WAITING): QueueByName & { waiting(): number; names(): number } {
  const last = new Map<string, Promise<void>>()
  let waiting = 0
  const run: QueueByName = async (names, work) => {
    // A place is taken under all names in one step, so that everybody waits only for those who came before: no deadlock.
    const before = names.flatMap((name) => last.get(name) ?? [])
    if (before.length > 0 && waiting >= mostWaiting) throw unavailable()
    const { promise: mine, resolve: done } = Promise.withResolvers<void>()
    for (const name of names) last.set(name, mine)
    try {
      if (before.length > 0) {
        waiting++
        await Promise.all(before)
        waiting--
      }
      return await work()
    } finally {
      for (const name of names) if (last.get(name) === mine) last.delete(name)
      done()
    }
  }
  return Object.assign(run, { waiting: () => waiting, names: () => last.size })
}

import type { Log } from '../ports/log.ts'

/**
 * Does a chore again and again, never twice at once. A failure is logged and the next turn tries again. Returns how to stop it.
 *
 * @param every milliseconds between two turns
 */
export function repeat(chore: string, every: number, log: Log, work: () => Promise<void>): () => Promise<void> {
  let stopped = false
  let running = Promise.resolve()
  const turn = (): void => {
    running = work()
      .catch((error: Error) => log.error('chore_failed', error, { chore }))
      .then(() => {
        if (!stopped) timer = setTimeout(turn, every).unref()
      })
  }
  let timer = setTimeout(turn, every).unref()
  return async () => {
    stopped = true
    clearTimeout(timer)
    await running
  }
}

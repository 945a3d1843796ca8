import { addToErasedLog, erasedLogIn } from '../adapters/erased-log.ts'
import { MINUTE, SECOND } from '../domain/time.ts'
import type { Log } from '../ports/log.ts'
import type { Store } from '../ports/store.ts'
import { repeat } from './repeat.ts'

/** Keeps `erased.log` in step with the database: it must outlive it. Looks at once, and once more before it stops. */
export function keepErasedLog(folder: string, { registry, upkeep }: Store, log: Log): () => Promise<void> {
  let since = 0
  let written = 0
  const keep = async (): Promise<void> => {
    const erasures = await upkeep.erasures({ since })
    const key = await registry.setting('erasure-key')
    if (key === undefined || erasures.length === written) return
    addToErasedLog(erasedLogIn(folder), key, erasures)
    // A little back: the clocks of several processes differ.
    since = (erasures.at(-1)?.at ?? 0) - 60 * MINUTE
    written = erasures.filter(({ at }) => at >= since).length
  }
  const first = keep().catch((error: Error) => log.error('chore_failed', error, { chore: 'erased_log' }))
  const stop = repeat('erased_log', SECOND, log, keep)
  return async () => {
    await first
    await stop()
    await keep().catch((error: Error) => log.error('chore_failed', error, { chore: 'erased_log' }))
  }
}

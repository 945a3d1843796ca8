import { addToErasedLog, erasedLogIn } from '../adapters/erased-log.ts'
import { LIFETIMES } from '../domain/session.ts'
import { MINUTE, SECOND } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Directory } from '../ports/directory.ts'
import type { Log } from '../ports/log.ts'
import type { Store } from '../ports/store.ts'
import { deliverEvents, type OnEvent } from '../usecases/deliver-events.ts'
import { retireOldKeys } from '../usecases/retire-old-keys.ts'
import { sweep } from '../usecases/sweep.ts'

export interface BackgroundDeps {
  store: Store
  directory: Directory
  clock: Clock
  log: Log
  onEvent: OnEvent | undefined
}

/** What a process does besides answering: follow the setup, tell the product, clean up. Returns how to stop it. */
export function startBackground({ store, directory, clock, log, onEvent }: BackgroundDeps): () => Promise<void> {
  const chores = [
    repeat('setup_refresh', SECOND / 2, log, () => directory.refresh()),
    repeat('retire_keys', MINUTE, log, () =>
      retireOldKeys({ registry: store.registry, directory, clock, lifetimes: LIFETIMES }),
    ),
    repeat('sweep', MINUTE, log, async () => {
      const removed = await sweep({ upkeep: store.upkeep, clock, lifetimes: LIFETIMES }, { slices: 20 })
      log.debug('swept', { removed })
    }),
  ]
  if (onEvent) {
    chores.push(
      repeat('deliver_events', SECOND / 2, log, async () => {
        const { failure } = await deliverEvents({ events: store.events, clock }, onEvent)
        if (failure) throw failure
      }),
    )
  }
  return async () => {
    await Promise.all(chores.map((stop) => stop()))
  }
}

/** Keeps `erased.log` in step with the database: it must outlive it. Looks at once, and once more before it stops. */
export function startErasedLog(folder: string, { registry, upkeep }: Store, log: Log): () => Promise<void> {
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

/** Does a chore again and again, never twice at once. A failure is logged and the next turn tries again. */
function repeat(chore: string, every: number, log: Log, work: () => Promise<void>): () => Promise<void> {
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

import { setTimeout as pause } from 'node:timers/promises'
import type { FoldingLog } from '../adapters/folding-log.ts'
import type { Retention } from '../domain/events.ts'
import { LIFETIMES } from '../domain/session.ts'
import { MINUTE, SECOND } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Directory } from '../ports/directory.ts'
import type { Log } from '../ports/log.ts'
import type { Store } from '../ports/store.ts'
import { deliverEvents, type OnEvent } from '../usecases/deliver-events.ts'
import { sweep } from '../usecases/sweep.ts'

export interface BackgroundDeps {
  store: Store
  directory: Directory
  clock: Clock
  log: FoldingLog
  onEvent: OnEvent | undefined
  retention: Retention
}

/** What a process does besides answering: follow the setup, tell the product, clean up. Returns how to stop it. */
export function startBackground(deps: BackgroundDeps): () => Promise<void> {
  const { store, directory, clock, log, onEvent, retention } = deps
  let isStopped = false
  const chores = [
    repeat('setup_refresh', SECOND / 2, log, () => directory.refresh()),
    repeat('tell_failures', 10 * SECOND, log, async () => log.tell()),
    repeat('sweep', MINUTE, log, async () => {
      const { upkeep } = store
      const elapsed = (): number => performance.now()
      const removed = await sweep(
        { upkeep, clock, lifetimes: LIFETIMES, retention, elapsed, pause: (ms) => pause(ms) },
        () => isStopped,
      )
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
    isStopped = true
    await Promise.all(chores.map((stop) => stop()))
    log.tell()
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

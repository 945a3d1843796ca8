import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { FoldingLog } from '../adapters/folding-log.ts'
import type { Database } from '../config/database-url.ts'
import type { Retention } from '../domain/events.ts'
import { LIFETIMES } from '../domain/session.ts'
import { MINUTE, SECOND } from '../domain/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { Directory } from '../ports/directory.ts'
import type { Store } from '../ports/store.ts'
import { deliverEvents, type OnEvent } from '../usecases/deliver-events.ts'
import { retireOldKeys } from '../usecases/retire-old-keys.ts'
import { sweep } from '../usecases/sweep.ts'
import { keepErasedLog } from './keep-erased-log.ts'
import { repeat } from './repeat.ts'

export interface BackgroundDeps {
  store: Store
  directory: Directory
  clock: Clock
  log: FoldingLog
  onEvent: OnEvent | undefined
  database: Database
  retention: Retention
}

/** What a process does besides answering: follow the setup, tell the product, clean up. Returns how to stop it. */
export function startBackground(deps: BackgroundDeps): () => Promise<void> {
  const { store, directory, clock, log, onEvent, database, retention } = deps
  let isStopped = false
  const chores = [
    repeat('setup_refresh', SECOND / 2, log, () => directory.refresh()),
    repeat('tell_failures', 10 * SECOND, log, async () => log.tell()),
    repeat('retire_keys', MINUTE, log, () =>
      retireOldKeys({ registry: store.registry, directory, clock, lifetimes: LIFETIMES }),
    ),
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
  // PostgreSQL is put back by its own tools, which ask no file of ours.
  if (database.kind === 'sqlite') chores.push(keepErasedLog(dirname(database.file), store, log))
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

import { newAct, SYSTEM } from '../domain/act.ts'
import { keysToRetire, REFRESH_KEY_LIFE } from '../domain/key-state.ts'
import type { Lifetimes } from '../domain/session.ts'
import type { Clock } from '../ports/clock.ts'
import type { Directory } from '../ports/directory.ts'
import type { Registry } from '../ports/registry.ts'

export interface RetireOldKeysDeps {
  registry: Registry
  directory: Directory
  clock: Clock
  lifetimes: Lifetimes
}

/** Retires the keys of which every token is over. Several processes may do so at once. */
export async function retireOldKeys({ registry, directory, clock, lifetimes }: RetireOldKeysDeps): Promise<void> {
  const now = clock.now()
  const keys = directory.ownKeys()
  const due = [
    ...keysToRetire(keys.filter(isFor('signing')), now, lifetimes.access),
    ...keysToRetire(keys.filter(isFor('refresh')), now, Math.max(REFRESH_KEY_LIFE, lifetimes.absolute)),
  ]
  for (const { number } of due) {
    await registry.retireKey({ act: newAct(SYSTEM, now, 'sweep'), number, reason: 'expired' })
  }
  if (due.length > 0) await directory.refresh()
}

const isFor = (purpose: string) => (key: { purpose: string }) => key.purpose === purpose

import type { Act } from '../domain/act.ts'
import type { Events } from '../ports/events.ts'
import type { Upkeep } from '../ports/upkeep.ts'

export interface BackUpDeps {
  upkeep: Upkeep
  events: Events
}

/** Copies the whole database to a file of the server's machine, while it runs. */
export async function backUp(
  { upkeep, events }: BackUpDeps,
  { act, file, replace }: { act: Act; file: string; replace: boolean },
): Promise<void> {
  await upkeep.backup(file, { replace })
  await events.record({ act, entry: { kind: 'backup_made', outcome: 'ok' } })
}

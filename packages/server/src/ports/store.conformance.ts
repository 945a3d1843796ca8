import { codesConformance } from './codes.conformance.ts'
import { decisionsConformance } from './decisions.conformance.ts'
import { eventsConformance } from './events.conformance.ts'
import { loginsConformance } from './logins.conformance.ts'
import { reconciliationConformance } from './reconciliation.conformance.ts'
import { registryConformance } from './registry.conformance.ts'
import { sessionsConformance } from './sessions.conformance.ts'
import type { Open } from './under-test.conformance.ts'
import { upkeepConformance } from './upkeep.conformance.ts'
import { usersConformance } from './users.conformance.ts'

const suite = [
  decisionsConformance,
  loginsConformance,
  codesConformance,
  sessionsConformance,
  usersConformance,
  reconciliationConformance,
  registryConformance,
  eventsConformance,
  upkeepConformance,
]

/** What every store must do, whole: one suite, run unchanged against each, with nothing left out. */
export function storeConformance(name: string, openStore: Open): void {
  for (const conformance of suite) conformance(name, openStore)
}

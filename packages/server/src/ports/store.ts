import type { Events } from './events.ts'
import type { Logins } from './logins.ts'
import type { Reconciliation } from './reconciliation.ts'
import type { Registry } from './registry.ts'
import type { Sessions } from './sessions.ts'
import type { Upkeep } from './upkeep.ts'
import type { Users } from './users.ts'

/**
 * One database, seen by those who ask of it. Every method takes one input, and every store keeps the same promises
 * (test/stores).
 */
export interface Store {
  logins: Logins
  sessions: Sessions
  users: Users
  registry: Registry
  reconciliation: Reconciliation
  events: Events
  upkeep: Upkeep
}

import type { TransactionPorts, Transactions } from '../transaction.ts'
import * as events from './events/index.ts'
import * as logins from './logins/index.ts'
import * as reconciliation from './reconciliation/index.ts'
import * as registry from './registry/index.ts'
import * as sessions from './sessions/index.ts'
import * as upkeep from './upkeep/index.ts'
import * as users from './users/index.ts'

/** Every transaction under its port and its method: what is missing, or promises something else, does not compile. */
export const transactions = {
  logins,
  sessions,
  users,
  registry,
  reconciliation,
  events,
  upkeep,
} satisfies Transactions<TransactionPorts>

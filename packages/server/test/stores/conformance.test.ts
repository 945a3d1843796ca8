import { openTestPostgresStore } from './postgres.ts'
import { promisesOfCodes } from './promises/codes.ts'
import { promisesOfDecisions } from './promises/decisions.ts'
import { promisesOfEvents } from './promises/events.ts'
import { promisesOfLogins } from './promises/logins.ts'
import { promisesOfReconciliation } from './promises/reconciliation.ts'
import { promisesOfRegistry } from './promises/registry.ts'
import { promisesOfSessions } from './promises/sessions.ts'
import { promisesOfUpkeep } from './promises/upkeep.ts'
import { promisesOfUsers } from './promises/users.ts'
import { recycle } from './recycle.ts'
import { checkGraph } from './schema/check-graph.ts'
import { tablesOfCodes } from './schema/codes.ts'
import { tablesOfDecisions } from './schema/decisions.ts'
import { tablesOfEvents } from './schema/events.ts'
import { tablesOfLogins } from './schema/logins.ts'
import { tablesOfReconciliation } from './schema/reconciliation.ts'
import { tablesOfRegistry } from './schema/registry.ts'
import { tablesOfSessions } from './schema/sessions.ts'
import { tablesOfUpkeep } from './schema/upkeep.ts'
import { tablesOfUsers } from './schema/users.ts'
import { openTestSqlite } from './sqlite.ts'
import { describeStore, describeTables, type OpenTables } from './store-fixture.ts'

/** What the ports of every store promise, whole: asked through the ports, with nothing left out. */
const PROMISES = [
  promisesOfDecisions,
  promisesOfLogins,
  promisesOfCodes,
  promisesOfSessions,
  promisesOfUsers,
  promisesOfReconciliation,
  promisesOfRegistry,
  promisesOfEvents,
  promisesOfUpkeep,
]

/** What must be found in the tables, in both dialects of SQL. */
const TABLES = [
  tablesOfDecisions,
  tablesOfLogins,
  tablesOfCodes,
  tablesOfSessions,
  tablesOfUsers,
  tablesOfReconciliation,
  tablesOfRegistry,
  tablesOfEvents,
  tablesOfUpkeep,
]

/** After every test, whatever it was about, the identity graph is whole. */
const checked = (open: () => Promise<OpenTables>) => async (): Promise<OpenTables> => {
  const opened = await open()
  return { ...opened, check: () => checkGraph(opened) }
}

for (const [name, open] of [
  ['SQLite', checked(recycle(openTestSqlite))],
  ['PostgreSQL', checked(recycle(openTestPostgresStore))],
] as const) {
  for (const promises of PROMISES) promises(describeStore(name, open))
  for (const tables of TABLES) tables(describeTables(name, open))
}

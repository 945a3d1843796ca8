import { storeConformance } from '../../src/ports/store.conformance.ts'
import { openTestPostgresStore } from './postgres.ts'
import { recycle } from './recycle.ts'
import { openTestSqlite } from './sqlite.ts'

storeConformance('SQLite', recycle(openTestSqlite))
storeConformance('PostgreSQL', recycle(openTestPostgresStore))

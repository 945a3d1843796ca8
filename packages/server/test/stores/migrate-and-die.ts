import pg from 'pg'
import { type Migration, readMigrations } from '../../src/adapters/migrations.ts'
import { migratePostgres } from '../../src/adapters/postgres/migrate.ts'
import { openWriter } from '../../src/adapters/sqlite/database.ts'
import { migrateSqlite } from '../../src/adapters/sqlite/migrate.ts'

/*
 * A process that migrates a database and kills itself before its n-th statement: `migrate-and-die.ts sqlite <file> <n>`
 * or `… postgres <url> <n>`. Ends with 0 when there was no n-th statement. `and one more` follows our migrations with another.
 */

/** One more migration, so that there is a table between two. */
const second: Migration = {
  number: 9000,
  name: '9000-second',
  statements: [
    'CREATE TABLE second (id TEXT PRIMARY KEY)',
    "INSERT INTO second (id) VALUES ('a'), ('b')",
    'ALTER TABLE second ADD COLUMN extra TEXT',
  ],
}

const [, , store, where = '', at, more] = process.argv
const rest = more === 'and one more' ? [second] : []
let statement = 0
const count = (): void => {
  if (++statement === Number(at)) process.kill(process.pid, 'SIGKILL')
}

if (store === 'sqlite') {
  const db = openWriter(where, 'FULL')
  const exec = db.exec.bind(db)
  db.exec = (sql) => {
    count()
    exec(sql)
  }
  migrateSqlite(db, [...readMigrations('sqlite'), ...rest])
} else {
  const client = new pg.Client({ connectionString: where })
  await client.connect()
  const query = client.query.bind(client) as (...asked: unknown[]) => Promise<pg.QueryResult>
  const counted = {
    query: (...asked: unknown[]) => {
      count()
      return query(...asked)
    },
  } as Pick<pg.ClientBase, 'query'>
  await migratePostgres(counted, [...readMigrations('postgres'), ...rest])
  await client.end()
}

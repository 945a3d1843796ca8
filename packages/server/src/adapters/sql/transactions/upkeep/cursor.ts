import { text } from '../../rows/columns.ts'
import { one, run, type Statements, sql } from '../../sql.ts'

type Table = 'sessions' | 'identities' | 'audit_events'

/** Where the last slice of a table ended; a whole table is walked over many calls. */
export function* cursor(table: Table): Statements<string> {
  const found = yield* one(sql`SELECT value FROM settings WHERE name = ${`sweep ${table}`}`)
  return found ? text(found.value) : ''
}

export function* moveCursor(table: Table, to: string): Statements<void> {
  yield* run(sql`
    INSERT INTO settings (name, value) VALUES (${`sweep ${table}`}, ${to})
    ON CONFLICT (name) DO UPDATE SET value = excluded.value`)
}

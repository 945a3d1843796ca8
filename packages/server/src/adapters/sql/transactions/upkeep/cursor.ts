import { text } from '../../rows/columns.ts'
import { all, run, type Statements, sql } from '../../sql.ts'

/** Where the sweep of something got to: the last row that it looked at, and for what. */
export type Cursors = ReadonlyMap<string, string>

const PREFIX = 'sweep '

/** Every place where an earlier slice stopped. */
export function* readCursors(): Statements<Cursors> {
  const found = yield* all(sql`SELECT name, value FROM settings WHERE name >= ${PREFIX} AND name < ${'sweep!'}`)
  return new Map(found.map(({ name, value }) => [text(name).slice(PREFIX.length), text(value)]))
}

export function* moveCursor(name: string, to: string): Statements<void> {
  yield* run(sql`
    INSERT INTO settings (name, value) VALUES (${PREFIX + name}, ${to})
    ON CONFLICT (name) DO UPDATE SET value = excluded.value`)
}

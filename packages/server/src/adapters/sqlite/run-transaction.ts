import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Dialect, Row, SqlText, Statements } from '../sql/sql.ts'

/** One writer: rows need no locks. */
export const SQLITE: Dialect = { place: () => '?', hasLocks: false }

/** Runs transactions on one connection, without a pause: statements are prepared once and kept. */
export function transactionRunner(db: DatabaseSync): <Output>(statements: Statements<Output>) => Output {
  const prepared = new Map<SqlText, StatementSync>()
  const prepare = (text: SqlText): StatementSync => {
    const known = prepared.get(text)
    if (known) return known
    const statement = db.prepare(text.in(SQLITE))
    prepared.set(text, statement)
    return statement
  }
  return (statements) => {
    let step = statements.next()
    while (!step.done) {
      const { text, values } = step.value
      step = statements.next(prepare(text).all(...values) as Row[])
    }
    return step.value
  }
}

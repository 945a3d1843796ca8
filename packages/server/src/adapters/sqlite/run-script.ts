import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type Row, type Steps, type Value, withoutLocks } from '../sql/script.ts'

/** Runs scripts on one connection, without a pause: statements are prepared once and kept. */
export function scriptRunner(db: DatabaseSync): <Output>(steps: Steps<Output>) => Output {
  const prepared = new Map<string, StatementSync>()
  const prepare = (sql: string): StatementSync => {
    const known = prepared.get(sql)
    if (known) return known
    const statement = db.prepare(withoutLocks(sql))
    prepared.set(sql, statement)
    return statement
  }
  return (steps) => {
    let step = steps.next()
    while (!step.done) {
      step = steps.next('lock' in step.value ? [] : execute(prepare(step.value.sql), step.value.values))
    }
    return step.value
  }
}

function execute(statement: StatementSync, values: readonly Value[]): Row[] {
  return statement.all(...values) as Row[]
}

import type { SqlText, Statement, Statements, Value } from '../../src/adapters/sql/sql.ts'
import { type NamedTransaction, type SqlDriver, sqlStore } from '../../src/adapters/sql/store.ts'
import { openWriter } from '../../src/adapters/sqlite/database.ts'
import { migrateSqlite } from '../../src/adapters/sqlite/migrate.ts'
import { transactionRunner } from '../../src/adapters/sqlite/run-transaction.ts'
import type { Store } from '../../src/ports/store.ts'

export interface Recorded {
  /** Of the first time that the text was asked, with the transaction that asked. */
  values: Value[]
  by: string
}

/** A SQLite store on one connection that writes down every statement that its transactions yield. */
export function openRecordingStore(file: string) {
  const db = openWriter(file, 'OFF')
  migrateSqlite(db)
  const run = transactionRunner(db)
  const statements = new Map<SqlText, Recorded>()
  const asked = new Set<string>()
  /** Called with every statement, before it is run. */
  let onStatement: (statement: Statement) => void = () => undefined

  function* recorded<Output>(by: string, inner: Statements<Output>): Statements<Output> {
    let step = inner.next()
    while (!step.done) {
      const { text, values } = step.value
      if (!statements.has(text)) statements.set(text, { values, by })
      onStatement(step.value)
      step = inner.next(yield step.value)
    }
    return step.value
  }
  const work = async ({ port, method, transaction }: NamedTransaction, input: unknown): Promise<unknown> => {
    const name = `${port}.${method}`
    asked.add(name)
    db.exec('BEGIN IMMEDIATE')
    try {
      const done = run(recorded(name, transaction.begin(input)))
      db.exec('COMMIT')
      return done
    } catch (error) {
      db.exec('ROLLBACK')
      throw error
    }
  }
  const driver: SqlDriver = {
    write: work,
    read: work,
    search: work,
    backup: async () => undefined,
    close: async () => db.close(),
  }
  const store: Store = sqlStore(driver)
  return {
    store,
    db,
    statements,
    asked,
    listen(to: (statement: Statement) => void): void {
      onStatement = to
    },
    close: () => store.upkeep.close(),
  }
}

import type { DatabaseSync } from 'node:sqlite'
import { type TransactionName, transactionAt } from '../../src/adapters/sql/store.ts'
import { openWriter } from '../../src/adapters/sqlite/database.ts'
import { SQLITE } from '../../src/adapters/sqlite/run-transaction.ts'

/*
 * A process that kills itself at one statement of a transaction, as the system would: nothing closed, nothing said. Forked,
 * and sent a file, a change and `dieAfter`, the number of statements to live through. One more than there are: it dies just
 * after the commit. Infinity: it commits, and answers how many points there were to die at.
 */

export interface Order {
  file: string
  address: TransactionName
  input: unknown
  dieAfter: number
}

process.once('message', ({ file, address, input, dieAfter }: Order) => {
  const db: DatabaseSync = openWriter(file, 'FULL')
  let done = 0
  const count = (): void => {
    if (done++ === dieAfter) process.kill(process.pid, 'SIGKILL')
  }
  db.exec('BEGIN IMMEDIATE')
  const steps = transactionAt(address).begin(input)
  let step = steps.next()
  while (!step.done) {
    count()
    const { text, values } = step.value
    step = steps.next(db.prepare(text.in(SQLITE)).all(...values) as never)
  }
  count()
  db.exec('COMMIT')
  count()
  process.send?.(done - 1)
  process.disconnect()
})

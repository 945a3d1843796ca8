import type { DatabaseSync } from 'node:sqlite'
import { type Address, transactionAt } from '../../src/adapters/sql/store.ts'
import { openWriter } from '../../src/adapters/sqlite/database.ts'
import { SQLITE } from '../../src/adapters/sqlite/run-transaction.ts'

/*
 * A writer that dies by its own hand. Forked, told a file, a transaction with its input, and how many statements of it
 * it lives through; at that one it kills itself as the system would, with nothing closed and nothing said.
 * One more than there are, and it dies just after the commit; none of them, and it answers how many there were.
 */

export interface Order {
  file: string
  address: Address
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

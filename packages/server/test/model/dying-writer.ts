import type { DatabaseSync } from 'node:sqlite'
import { type Steps, withoutLocks } from '../../src/adapters/sql/script.ts'
import { writes } from '../../src/adapters/sql/store.ts'
import { openWriter } from '../../src/adapters/sqlite/database.ts'

/*
 * A process that kills itself at one statement of a transaction, as the system would: nothing closed, nothing said. Forked,
 * and sent a file, a change and `dieAfter`, the number of statements to live through. One more than there are: it dies just
 * after the commit. Infinity: it commits, and answers how many points there were to die at.
 */

export interface Order {
  file: string
  script: keyof typeof writes
  input: unknown
  dieAfter: number
}

process.once('message', ({ file, script, input, dieAfter }: Order) => {
  const db: DatabaseSync = openWriter(file, 'FULL')
  let done = 0
  const count = (): void => {
    if (done++ === dieAfter) process.kill(process.pid, 'SIGKILL')
  }
  db.exec('BEGIN IMMEDIATE')
  const steps = (writes[script] as (input: unknown) => Steps<unknown>)(input)
  let step = steps.next()
  while (!step.done) {
    count()
    const rows = 'lock' in step.value ? [] : db.prepare(withoutLocks(step.value.sql)).all(...step.value.values)
    step = steps.next(rows as never)
  }
  count()
  db.exec('COMMIT')
  count()
  process.send?.(done - 1)
  process.disconnect()
})

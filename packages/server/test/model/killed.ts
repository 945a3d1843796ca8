import type { DatabaseSync } from 'node:sqlite'
import { type Steps, withoutLocks } from '../../src/adapters/sql/script.ts'
import { writes } from '../../src/adapters/sql/store.ts'
import { openWriter } from '../../src/adapters/sqlite/database.ts'

/*
 * A writer that dies by its own hand. Forked, told a file, a script with its input, and how many statements of the
 * transaction it lives through; at that one it kills itself as the system would, with nothing closed and nothing said.
 * One more than there are, and it dies just after the commit; none of them, and it answers how many there were.
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

import type { Registry } from '../../../../ports/registry.ts'
import { count, run, sql } from '../../sql.ts'
import { write } from '../../transaction.ts'
import { incrementRevision } from './increment-revision.ts'

export const changeMasterKey = write<Registry['changeMasterKey']>(function* ({ from, to }) {
  yield* incrementRevision() // first: whoever writes something sealed holds it, and is seen by whoever seals it again
  return (
    (yield* count(sql`UPDATE settings SET value = ${to} WHERE name = 'key-check' AND value = ${from} RETURNING 1`)) > 0
  )
})

export const reseal = write<Registry['reseal']>(function* ({ keys, apps }) {
  // What an operator has changed meanwhile stays changed.
  for (const { number, was, sealed } of keys) {
    yield* run(sql`UPDATE keys SET sealed = ${sealed} WHERE number = ${number} AND sealed = ${was}`)
  }
  for (const { id, was, secretSealed } of apps) {
    yield* run(sql`UPDATE apps SET secret_sealed = ${secretSealed} WHERE id = ${id} AND secret_sealed = ${was}`)
  }
  yield* incrementRevision()
})

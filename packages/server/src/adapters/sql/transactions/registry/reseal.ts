import type { Registry } from '../../../../ports/registry.ts'
import { run, sql } from '../../sql.ts'
import { write } from '../../transaction.ts'
import { incrementRevision } from './increment-revision.ts'

export const reseal = write<Registry['reseal']>(function* ({ keys, apps }) {
  for (const key of keys) yield* run(sql`UPDATE keys SET sealed = ${key.sealed} WHERE number = ${key.number}`)
  for (const app of apps) yield* run(sql`UPDATE apps SET secret_sealed = ${app.secretSealed} WHERE id = ${app.id}`)
  yield* incrementRevision()
})

import type { Registry } from '../../../../ports/registry.ts'
import { number } from '../../rows/columns.ts'
import { one, run, sql } from '../../sql.ts'
import { write } from '../../transaction.ts'
import { audit } from '../events/write-events.ts'
import { incrementRevision } from './increment-revision.ts'

export const addKey = write<Registry['addKey']>(function* ({ act, purpose, algorithm, sealed, another }) {
  // Whoever moves the revision first adds the key; the other, waiting here, then finds it.
  yield* incrementRevision()
  const held = yield* one(sql`
    SELECT 1 AS yes FROM keys WHERE purpose = ${purpose} AND algorithm = ${algorithm} LIMIT 1`)
  if (held && !another) return
  const last = yield* one(sql`SELECT COALESCE(MAX(number), 0) AS number FROM keys`)
  const next = number(last?.number) + 1
  yield* run(sql`
    INSERT INTO keys (number, purpose, algorithm, sealed, created_at)
    VALUES (${next}, ${purpose}, ${algorithm}, ${sealed}, ${act.now})`)
  yield* audit(act, { kind: 'key_made', outcome: 'ok', detail: { key: next, purpose, algorithm } })
})

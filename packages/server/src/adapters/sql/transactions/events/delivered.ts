import type { Events } from '../../../../ports/events.ts'
import { run, sql } from '../../sql.ts'
import { write } from '../../transaction.ts'

export const delivered = write<Events['delivered']>(function* ({ now, seqs }) {
  for (const seq of seqs) yield* run(sql`UPDATE outbox SET delivered_at = ${now} WHERE seq = ${seq}`)
})

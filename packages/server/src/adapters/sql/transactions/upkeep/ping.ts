import type { Upkeep } from '../../../../ports/upkeep.ts'
import { run, sql } from '../../sql.ts'
import { write } from '../../transaction.ts'

/** One row for all processes: what it says matters to nobody, only that it could be written. */
export const ping = write<Upkeep['ping']>(function* (mark = '') {
  yield* run(sql`
    INSERT INTO settings (name, value) VALUES ('last_ping', ${mark})
    ON CONFLICT (name) DO UPDATE SET value = excluded.value`)
})

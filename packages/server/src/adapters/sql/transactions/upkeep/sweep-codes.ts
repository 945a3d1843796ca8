import { MINUTE } from '../../../../domain/time.ts'
import type { SweepInput } from '../../../../ports/upkeep.ts'
import { count, type Statements, sql } from '../../sql.ts'
import type { Part } from './part.ts'

/** WeChat forgets a code after five minutes; afterwards it answers "invalid" by itself. */
const CODE_LIFE = 10 * MINUTE

export function* sweepCodes({ now, limit }: SweepInput): Statements<Part> {
  const swept = yield* count(sql`
    DELETE FROM login_codes WHERE (app_id, code_hash) IN
      (SELECT app_id, code_hash FROM login_codes WHERE created_at <= ${now - CODE_LIFE} ORDER BY created_at LIMIT ${limit})
    RETURNING 1`)
  return { swept, isThrough: swept < limit }
}

export function* sweepAssertions({ now, limit }: SweepInput): Statements<Part> {
  const swept = yield* count(sql`
    DELETE FROM spent_assertions WHERE (key_id, jti) IN
      (SELECT key_id, jti FROM spent_assertions WHERE expires_at <= ${now - MINUTE} ORDER BY expires_at LIMIT ${limit})
    RETURNING 1`)
  return { swept, isThrough: swept < limit }
}

import type { Logins } from '../../../../ports/logins.ts'
import { optional, sessionId } from '../../rows/columns.ts'
import { loginCodeRow } from '../../rows/login-code.ts'
import { one, sql } from '../../sql.ts'
import { read } from '../../transaction.ts'
import { ownerById, sessionById } from '../sessions/session-by-id.ts'

/** What a code led to, as it stands now. */
export const findByCode = read<Logins['findByCode']>(function* ({ appId, codeHash }) {
  const found = yield* one(sql`
    SELECT nonce_hash, session_id, is_new, created_at FROM login_codes
    WHERE app_id = ${appId} AND code_hash = ${codeHash}`)
  if (!found) return undefined
  const id = optional(sessionId, found.session_id)
  const session = id && (yield* sessionById(id))
  return { ...loginCodeRow(found), session, user: session && (yield* ownerById(session.userId)) }
})

import type { Registry } from '../../../../ports/registry.ts'
import { appId } from '../../rows/columns.ts'
import { count, one, sql } from '../../sql.ts'
import { write } from '../../transaction.ts'
import { audit } from '../events/write-events.ts'
import { incrementRevision } from './increment-revision.ts'

export const revokeCloudKey = write<Registry['revokeCloudKey']>(function* ({ act, id, endSessions }) {
  // Waits for the logins that hold the key, so that the sessions they are making are among those that end.
  const key = yield* one(sql`
    UPDATE cloud_keys SET revoked_at = COALESCE(revoked_at, ${act.now}) WHERE id = ${id} RETURNING app_id`)
  if (!key) return 'unknown'
  const ended = endSessions
    ? yield* count(sql`
        UPDATE sessions SET ended = 'operator' WHERE cloud_key_id = ${id} AND ended IS NULL RETURNING 1`)
    : 0
  yield* incrementRevision()
  const detail = { key: id, ended }
  yield* audit(act, { kind: 'cloud_key_revoked', outcome: 'ok', appId: appId(key.app_id), detail })
  return { ended }
})

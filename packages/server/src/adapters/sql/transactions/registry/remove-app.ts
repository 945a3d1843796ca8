import type { Registry } from '../../../../ports/registry.ts'
import { forUpdate, one, run, sql } from '../../sql.ts'
import { write } from '../../transaction.ts'
import { audit } from '../events/write-events.ts'
import { hasIdentities } from './existence.ts'
import { incrementRevision } from './increment-revision.ts'

export const removeApp = write<Registry['removeApp']>(function* ({ act, appId }) {
  if (!(yield* one(sql`SELECT 1 AS yes FROM apps WHERE id = ${appId} ${forUpdate()}`))) return 'unknown'
  if (yield* hasIdentities(appId)) return 'has_identities'
  yield* run(sql`DELETE FROM cloud_keys WHERE app_id = ${appId}`)
  yield* run(sql`DELETE FROM apps WHERE id = ${appId}`)
  yield* incrementRevision()
  yield* audit(act, { kind: 'app_removed', outcome: 'ok', appId })
  return 'removed'
})

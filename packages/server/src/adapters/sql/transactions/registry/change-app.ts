import type { Registry, StoredAppChange } from '../../../../ports/registry.ts'
import { realmId } from '../../rows/columns.ts'
import { forUpdate, one, run, sql } from '../../sql.ts'
import { write } from '../../transaction.ts'
import { audit } from '../events/write-events.ts'
import { hasIdentities, realmExists } from './existence.ts'
import { incrementRevision } from './increment-revision.ts'

/** The fields as the wire calls them: that is what an operator reads in the audit. */
const WIRE_NAMES: Record<keyof StoredAppChange, string> = {
  realmId: 'realm',
  kind: 'kind',
  name: 'name',
  secretSealed: 'secret',
  origins: 'origins',
}

export const changeApp = write<Registry['changeApp']>(function* ({ act, appId, change }) {
  const app = yield* one(sql`SELECT realm_id FROM apps WHERE id = ${appId} ${forUpdate()}`)
  if (!app) return 'unknown'
  if (change.realmId !== undefined && change.realmId !== realmId(app.realm_id)) {
    if (!(yield* realmExists(change.realmId))) return 'realm_unknown'
    if (yield* hasIdentities(appId)) return 'has_identities'
  }
  const origins = change.origins && JSON.stringify(change.origins)
  yield* run(sql`
    UPDATE apps SET realm_id = COALESCE(${change.realmId}, realm_id), kind = COALESCE(${change.kind}, kind),
      name = COALESCE(${change.name}, name), secret_sealed = COALESCE(${change.secretSealed}, secret_sealed),
      origins = COALESCE(${origins}, origins)
    WHERE id = ${appId}`)
  yield* incrementRevision()
  const fields = (Object.keys(change) as (keyof StoredAppChange)[]).map((field) => WIRE_NAMES[field])
  yield* audit(act, { kind: 'app_changed', outcome: 'ok', appId, detail: { fields: fields.join(',') } })
  return 'changed'
})

import type { Registry } from '../../../../ports/registry.ts'
import { count, sql } from '../../sql.ts'
import { write } from '../../transaction.ts'
import { audit } from '../events/write-events.ts'
import { realmExists } from './existence.ts'
import { incrementRevision } from './increment-revision.ts'

export const addApp = write<Registry['addApp']>(function* ({ act, app }) {
  if (!(yield* realmExists(app.realmId))) return 'realm_unknown'
  const added = yield* count(sql`
    INSERT INTO apps (id, realm_id, kind, name, secret_sealed, origins, created_at)
    VALUES (${app.id}, ${app.realmId}, ${app.kind}, ${app.name}, ${app.secretSealed}, ${JSON.stringify(app.origins)},
      ${app.createdAt})
    ON CONFLICT DO NOTHING RETURNING 1`)
  if (added === 0) return 'exists'
  yield* incrementRevision()
  yield* audit(act, { kind: 'app_added', outcome: 'ok', appId: app.id, detail: { realm: app.realmId, kind: app.kind } })
  return 'added'
})

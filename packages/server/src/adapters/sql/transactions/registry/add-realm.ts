import type { Registry } from '../../../../ports/registry.ts'
import { count, sql } from '../../sql.ts'
import { write } from '../../transaction.ts'
import { audit } from '../events/write-events.ts'
import { incrementRevision } from './increment-revision.ts'

export const addRealm = write<Registry['addRealm']>(function* ({ act, realm }) {
  const added = yield* count(sql`
    INSERT INTO realms (id, name, created_at) VALUES (${realm.id}, ${realm.name}, ${realm.createdAt})
    ON CONFLICT DO NOTHING RETURNING 1`)
  if (added === 0) return 'exists'
  yield* incrementRevision()
  yield* audit(act, { kind: 'realm_added', outcome: 'ok', detail: { realm: realm.id } })
  return 'added'
})

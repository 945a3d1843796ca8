import type { Registry } from '../../../../ports/registry.ts'
import { one, run, sql } from '../../sql.ts'
import { write } from '../../transaction.ts'
import { audit } from '../events/write-events.ts'
import { incrementRevision } from './increment-revision.ts'

export const addCloudKey = write<Registry['addCloudKey']>(function* ({ act, key }) {
  if (!(yield* one(sql`SELECT 1 AS yes FROM apps WHERE id = ${key.appId}`))) return 'app_unknown'
  const unionid = key.trustsUnionid ? 'trust' : 'ignore'
  yield* run(sql`
    INSERT INTO cloud_keys (id, app_id, public_jwk, unionid, created_at)
    VALUES (${key.id}, ${key.appId}, ${key.publicJwk}, ${unionid}, ${key.createdAt})`)
  yield* incrementRevision()
  yield* audit(act, { kind: 'cloud_key_added', outcome: 'ok', appId: key.appId, detail: { key: key.id, unionid } })
  return 'added'
})

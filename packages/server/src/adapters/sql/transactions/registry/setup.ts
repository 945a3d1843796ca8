import type { Registry } from '../../../../ports/registry.ts'
import { appRow } from '../../rows/app.ts'
import { cloudKeyRow } from '../../rows/cloud-key.ts'
import { optional, text } from '../../rows/columns.ts'
import { keyRow } from '../../rows/key.ts'
import { realmRow } from '../../rows/realm.ts'
import { all, one, type Statements, sql } from '../../sql.ts'
import { read } from '../../transaction.ts'

export const revision = read<Registry['revision']>(readRevision)

export const setup = read<Registry['setup']>(function* () {
  const revision = yield* readRevision()
  const realms = yield* all(sql`SELECT id, name, created_at FROM realms ORDER BY created_at, id`)
  const apps = yield* all(sql`
    SELECT id, realm_id, kind, name, secret_sealed, origins, created_at FROM apps ORDER BY created_at, id`)
  const keys = yield* all(sql`
    SELECT number, purpose, algorithm, sealed, created_at, COALESCE(signs_from, created_at) AS signs_from, retired_at
    FROM keys ORDER BY number`)
  const cloudKeys = yield* all(sql`
    SELECT id, app_id, public_jwk, unionid, created_at, revoked_at FROM cloud_keys ORDER BY created_at, id`)
  const check = yield* one(sql`SELECT value FROM settings WHERE name = 'key-check'`)
  return {
    revision,
    realms: realms.map(realmRow),
    apps: apps.map(appRow),
    keys: keys.map(keyRow),
    cloudKeys: cloudKeys.map(cloudKeyRow),
    keyCheck: optional(text, check?.value),
  }
})

function* readRevision(): Statements<number> {
  const found = yield* one(sql`SELECT value FROM settings WHERE name = 'revision'`)
  return Number(text(found?.value))
}

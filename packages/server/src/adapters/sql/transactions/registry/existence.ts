import type { AppId } from '@hufu/wechat/words'
import type { RealmId } from '../../../../domain/ids.ts'
import { one, type Statements, sql } from '../../sql.ts'

export function* realmExists(realmId: RealmId): Statements<boolean> {
  return (yield* one(sql`SELECT 1 AS yes FROM realms WHERE id = ${realmId}`)) !== undefined
}

export function* hasIdentities(appId: AppId): Statements<boolean> {
  return (yield* one(sql`SELECT 1 AS yes FROM identities WHERE app_id = ${appId} LIMIT 1`)) !== undefined
}

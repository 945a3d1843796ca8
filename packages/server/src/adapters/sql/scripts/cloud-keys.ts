import type { AppId } from '@hufu/wechat/words'
import type { Act } from '../../../domain/act.ts'
import type { CloudKey } from '../../../domain/cloud-key.ts'
import { changes, number, optional, row, rows, type Script, type Steps, text } from '../script.ts'
import { audit } from './audit.ts'
import { revise } from './revise.ts'

export function* allCloudKeys(): Steps<CloudKey[]> {
  const found = yield* rows(
    'SELECT id, app_id, public_jwk, union_id, created_at, revoked_at FROM cloud_keys ORDER BY created_at, id',
  )
  return found.map((one) => ({
    id: text(one.id),
    appId: text(one.app_id) as AppId,
    publicJwk: text(one.public_jwk),
    trustsUnionid: one.union_id === 'trust',
    createdAt: number(one.created_at),
    revokedAt: optional(number, one.revoked_at),
  }))
}

export const addCloudKey: Script<{ act: Act; key: CloudKey }, 'added' | 'app_unknown'> = function* ({ act, key }) {
  if (!(yield* row('SELECT 1 AS yes FROM apps WHERE id = ?', key.appId))) return 'app_unknown'
  yield* rows(
    'INSERT INTO cloud_keys (id, app_id, public_jwk, union_id, created_at) VALUES (?, ?, ?, ?, ?)',
    key.id,
    key.appId,
    key.publicJwk,
    key.trustsUnionid ? 'trust' : 'ignore',
    key.createdAt,
  )
  yield* revise()
  yield* audit(act, {
    kind: 'cloud_key_added',
    outcome: 'ok',
    appId: key.appId,
    detail: { key: key.id, unionid: key.trustsUnionid ? 'trust' : 'ignore' },
  })
  return 'added'
}

type Revocation = { act: Act; id: string; endSessions: boolean }

export const revokeCloudKey: Script<Revocation, 'unknown' | { ended: number }> = function* (asked) {
  const { act, id, endSessions } = asked
  // Waits for the logins that hold the key, so that the sessions they are making are among those that end.
  const key = yield* row(
    'UPDATE cloud_keys SET revoked_at = COALESCE(revoked_at, ?) WHERE id = ? RETURNING app_id',
    act.now,
    id,
  )
  if (!key) return 'unknown'
  const ended = endSessions
    ? yield* changes("UPDATE sessions SET ended = 'operator' WHERE cloud_key_id = ? AND ended IS NULL RETURNING 1", id)
    : 0
  yield* revise()
  const detail = { key: id, ended }
  yield* audit(act, { kind: 'cloud_key_revoked', outcome: 'ok', appId: text(key.app_id) as AppId, detail })
  return { ended }
}

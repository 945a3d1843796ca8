import type { AppId } from '@hufu/wechat/words'
import type { Act } from '../../../domain/act.ts'
import { isAppKind, type Realm } from '../../../domain/app.ts'
import type { RealmId } from '../../../domain/ids.ts'
import type { Added, AppChange, Changed, KeyPurpose, Setup, StoredApp, StoredKey } from '../../../ports/registry.ts'
import { changes, number, optional, row, rows, type Script, type Steps, text } from '../script.ts'
import { audit } from './audit.ts'
import { allCloudKeys } from './cloud-keys.ts'
import { revise } from './revise.ts'

export const revision: Script<void, number> = function* () {
  const found = yield* row("SELECT value FROM settings WHERE name = 'revision'")
  return Number(text(found?.value))
}

export const setup: Script<void, Setup> = function* () {
  return {
    revision: yield* revision(),
    realms: yield* allRealms(),
    apps: yield* allApps(),
    keys: yield* allKeys(),
    cloudKeys: yield* allCloudKeys(),
  }
}

function* allRealms(): Steps<Realm[]> {
  const found = yield* rows('SELECT id, name, created_at FROM realms ORDER BY created_at, id')
  return found.map((one) => ({
    id: text(one.id) as RealmId,
    name: text(one.name),
    createdAt: number(one.created_at),
  }))
}

function* allApps(): Steps<StoredApp[]> {
  const found = yield* rows(
    'SELECT id, realm_id, kind, name, secret_sealed, origins, created_at FROM apps ORDER BY created_at, id',
  )
  return found.map((one) => {
    const kind = text(one.kind)
    return {
      id: text(one.id) as AppId,
      realmId: text(one.realm_id) as RealmId,
      kind: isAppKind(kind) ? kind : 'miniprogram',
      name: text(one.name),
      secretSealed: text(one.secret_sealed),
      origins: JSON.parse(text(one.origins)),
      createdAt: number(one.created_at),
    }
  })
}

function* allKeys(): Steps<StoredKey[]> {
  const found = yield* rows(
    'SELECT number, purpose, algorithm, sealed, created_at, retired_at FROM keys ORDER BY number',
  )
  return found.map((one) => ({
    number: number(one.number),
    purpose: text(one.purpose) as KeyPurpose,
    algorithm: text(one.algorithm),
    sealed: text(one.sealed),
    createdAt: number(one.created_at),
    retiredAt: optional(number, one.retired_at),
  }))
}

export const addRealm: Script<{ act: Act; realm: Realm }, 'added' | 'exists'> = function* ({ act, realm }) {
  const added = yield* changes(
    'INSERT INTO realms (id, name, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1',
    realm.id,
    realm.name,
    realm.createdAt,
  )
  if (added === 0) return 'exists'
  yield* revise()
  yield* audit(act, { kind: 'realm_added', outcome: 'ok', detail: { realm: realm.id } })
  return 'added'
}

const realmExists = function* (id: RealmId): Steps<boolean> {
  return (yield* row('SELECT 1 AS yes FROM realms WHERE id = ?', id)) !== undefined
}

export const addApp: Script<{ act: Act; app: StoredApp }, Added> = function* ({ act, app }) {
  if (!(yield* realmExists(app.realmId))) return 'realm_unknown'
  const added = yield* changes(
    `INSERT INTO apps (id, realm_id, kind, name, secret_sealed, origins, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING RETURNING 1`,
    app.id,
    app.realmId,
    app.kind,
    app.name,
    app.secretSealed,
    JSON.stringify(app.origins),
    app.createdAt,
  )
  if (added === 0) return 'exists'
  yield* revise()
  yield* audit(act, { kind: 'app_added', outcome: 'ok', appId: app.id, detail: { realm: app.realmId, kind: app.kind } })
  return 'added'
}

const hasIdentities = function* (appId: AppId): Steps<boolean> {
  return (yield* row('SELECT 1 AS yes FROM identities WHERE app_id = ? LIMIT 1', appId)) !== undefined
}

export const changeApp: Script<{ act: Act; appId: AppId; change: AppChange }, Changed> = function* (asked) {
  const { act, appId, change } = asked
  const app = yield* row('SELECT realm_id FROM apps WHERE id = ? FOR UPDATE', appId)
  if (!app) return 'unknown'
  if (change.realmId !== undefined && change.realmId !== app.realm_id) {
    if (!(yield* realmExists(change.realmId))) return 'realm_unknown'
    if (yield* hasIdentities(appId)) return 'has_identities'
  }
  yield* rows(
    `UPDATE apps SET realm_id = COALESCE(?, realm_id), kind = COALESCE(?, kind), name = COALESCE(?, name),
       secret_sealed = COALESCE(?, secret_sealed), origins = COALESCE(?, origins) WHERE id = ?`,
    change.realmId ?? null,
    change.kind ?? null,
    change.name ?? null,
    change.secretSealed ?? null,
    change.origins ? JSON.stringify(change.origins) : null,
    appId,
  )
  yield* revise()
  const fields = Object.keys(change).map((field) => (field === 'secretSealed' ? 'secret' : field))
  yield* audit(act, { kind: 'app_changed', outcome: 'ok', appId, detail: { fields: fields.join(',') } })
  return 'changed'
}

export const removeApp: Script<{ act: Act; appId: AppId }, 'removed' | 'unknown' | 'has_identities'> = function* (
  asked,
) {
  const { act, appId } = asked
  if (!(yield* row('SELECT 1 AS yes FROM apps WHERE id = ? FOR UPDATE', appId))) return 'unknown'
  if (yield* hasIdentities(appId)) return 'has_identities'
  yield* rows('DELETE FROM cloud_keys WHERE app_id = ?', appId)
  yield* rows('DELETE FROM apps WHERE id = ?', appId)
  yield* revise()
  yield* audit(act, { kind: 'app_removed', outcome: 'ok', appId })
  return 'removed'
}

type NewKey = { act: Act; purpose: KeyPurpose; algorithm: string; sealed: string; another: boolean }

export const addKey: Script<NewKey, void> = function* ({ act, purpose, algorithm, sealed, another }) {
  // Whoever moves the revision first adds the key; the other, waiting here, then finds it.
  yield* revise()
  const held = yield* row('SELECT 1 AS yes FROM keys WHERE purpose = ? AND algorithm = ? LIMIT 1', purpose, algorithm)
  if (held && !another) return
  const last = yield* row('SELECT COALESCE(MAX(number), 0) AS number FROM keys')
  const next = number(last?.number) + 1
  yield* rows(
    'INSERT INTO keys (number, purpose, algorithm, sealed, created_at) VALUES (?, ?, ?, ?, ?)',
    next,
    purpose,
    algorithm,
    sealed,
    act.now,
  )
  yield* audit(act, { kind: 'key_made', outcome: 'ok', detail: { key: next, purpose, algorithm } })
}

type Resealed = { keys: { number: number; sealed: string }[]; apps: { id: AppId; secretSealed: string }[] }

export const reseal: Script<Resealed, void> = function* ({ keys, apps }) {
  for (const key of keys) yield* rows('UPDATE keys SET sealed = ? WHERE number = ?', key.sealed, key.number)
  for (const app of apps) yield* rows('UPDATE apps SET secret_sealed = ? WHERE id = ?', app.secretSealed, app.id)
  yield* revise()
}

export const setting: Script<string, string | undefined> = function* (name) {
  return optional(text, (yield* row('SELECT value FROM settings WHERE name = ?', name))?.value)
}

export const setSetting: Script<{ name: string; value: string; ifAbsent: boolean }, string> = function* (asked) {
  const { name, value, ifAbsent } = asked
  const onConflict = ifAbsent ? 'DO NOTHING' : 'DO UPDATE SET value = excluded.value'
  yield* rows(`INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) ${onConflict}`, name, value)
  return (yield* setting(name)) ?? value
}

import type { AppId } from '@hufu/wechat/words'
import type { Act } from '../domain/act.ts'
import type { AppKind, Realm } from '../domain/app.ts'
import type { CloudKey } from '../domain/cloud-key.ts'
import type { RealmId } from '../domain/ids.ts'

/** An app as stored: its secret is sealed, and only the vault opens it. */
export interface StoredApp {
  id: AppId
  realmId: RealmId
  kind: AppKind
  name: string
  secretSealed: string
  origins: string[]
  createdAt: number
}

export type KeyPurpose = 'signing' | 'refresh'

/** A key as stored, sealed. `number` grows and is never used again. */
export interface StoredKey {
  number: number
  purpose: KeyPurpose
  algorithm: string
  sealed: string
  createdAt: number
  retiredAt: number | undefined
}

/** All that an operator has set up. Small; held in memory by every process and read again when its revision moves. */
export interface Setup {
  revision: number
  realms: Realm[]
  apps: StoredApp[]
  keys: StoredKey[]
  cloudKeys: CloudKey[]
}

export type Added = 'added' | 'exists' | 'realm_unknown'
export type Changed = 'changed' | 'unknown' | 'realm_unknown' | 'has_identities'
export type StoredAppChange = Partial<Pick<StoredApp, 'realmId' | 'kind' | 'name' | 'secretSealed' | 'origins'>>

/** Every change moves the revision in the same transaction. */
export interface Registry {
  revision(): Promise<number>
  setup(): Promise<Setup>
  addRealm(input: { act: Act; realm: Realm }): Promise<'added' | 'exists'>
  addApp(input: { act: Act; app: StoredApp }): Promise<Added>
  /** An app changes realm only while it has no identities. */
  changeApp(input: { act: Act; appId: AppId; change: StoredAppChange }): Promise<Changed>
  /** An app leaves only while it has no identities. */
  removeApp(input: { act: Act; appId: AppId }): Promise<'removed' | 'unknown' | 'has_identities'>
  /** Adds a key. Without `another`, only when the purpose has none of this algorithm: two processes that start at once agree on one. */
  addKey(input: { act: Act; purpose: KeyPurpose; algorithm: string; sealed: string; another: boolean }): Promise<void>
  /** Replaces the sealing of a key or secret with one made by another master key. */
  reseal(input: {
    keys: { number: number; sealed: string }[]
    apps: { id: AppId; secretSealed: string }[]
  }): Promise<void>
  addCloudKey(input: { act: Act; key: CloudKey }): Promise<'added' | 'app_unknown'>
  /** Revokes a key and, when asked, ends every session that came through it. */
  revokeCloudKey(input: { act: Act; id: string; endSessions: boolean }): Promise<'unknown' | { ended: number }>
  /** A named fact about the whole database: its mode, its key-check value. */
  setting(name: string): Promise<string | undefined>
  /** Writes a setting; with `ifAbsent`, only the first writer wins. Returns what stands afterwards. */
  setSetting(input: { name: string; value: string; ifAbsent: boolean }): Promise<string>
}

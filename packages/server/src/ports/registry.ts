import type { AppId } from '@hufu/wechat/words'
import type { Act } from '../domain/act.ts'
import type { AppKind, Realm } from '../domain/app.ts'
import type { CloudKey } from '../domain/cloud-key.ts'
import type { RealmId } from '../domain/ids.ts'
import type { KeyPurpose, KeyTimes } from '../domain/key-state.ts'

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

export type { KeyPurpose }

/** A key as stored, sealed. `number` grows and is never used again. */
export interface StoredKey extends KeyTimes {
  purpose: KeyPurpose
  algorithm: string
  sealed: string
  createdAt: number
}

/** A key that is to be made, sealed. */
export interface NewKey {
  purpose: KeyPurpose
  algorithm: string
  sealed: string
  /** Check value of the master key that sealed it; absent where nobody asks. */
  sealedBy?: string
}

/** By an operator, at once; or because nothing that it made is good any more. */
export type KeyRetirement = 'operator' | 'expired'

/** All that an operator has set up. Small; held in memory by every process and read again when its revision moves. */
export interface Setup {
  revision: number
  realms: Realm[]
  apps: StoredApp[]
  keys: StoredKey[]
  cloudKeys: CloudKey[]
  /** Tells which master key this database is sealed with; undefined before its first start. */
  keyCheck: string | undefined
}

/** Another master key than the writer's has taken over: nothing was written, since nobody could open it. */
export type Foreign = 'sealed_by_another'
export type Added = 'added' | 'exists' | 'realm_unknown' | Foreign
export type Changed = 'changed' | 'unknown' | 'realm_unknown' | 'has_identities' | Foreign
export type StoredAppChange = Partial<Pick<StoredApp, 'realmId' | 'kind' | 'name' | 'secretSealed' | 'origins'>>

/** Every change moves the revision in the same transaction. */
export interface Registry {
  revision(): Promise<number>
  setup(): Promise<Setup>
  addRealm(input: { act: Act; realm: Realm }): Promise<'added' | 'exists'>
  /** @param input.sealedBy check value of the master key that sealed the secret; absent where nothing is sealed */
  addApp(input: { act: Act; app: StoredApp; sealedBy?: string }): Promise<Added>
  /** An app changes realm only while it has no identities. */
  changeApp(input: { act: Act; appId: AppId; change: StoredAppChange; sealedBy?: string }): Promise<Changed>
  /** An app leaves only while it has no identities. */
  removeApp(input: { act: Act; appId: AppId }): Promise<'removed' | 'unknown' | 'has_identities'>
  /**
   * Adds a key, which makes tokens after `PUBLISHED_BEFORE`, or at once where its purpose has none. Without `another`, only
   * when the newest of the purpose is of another algorithm; with it, only when none is waiting already: of those who ask
   * at once one gets it. Returns its number.
   */
  addKey(input: NewKey & { act: Act; another: boolean }): Promise<number | 'not_needed' | Foreign>
  /**
   * Ends a key at once. If it was making tokens, the one that waits takes its place at once, or else `successor` does;
   * without a successor a key that makes tokens stays. A key that was retired keeps its time.
   */
  retireKey(input: {
    act: Act
    number: number
    reason: KeyRetirement
    successor?: NewKey
  }): Promise<'retired' | 'unknown' | 'in_use' | Foreign>
  /**
   * Makes another master key the one of this database, if it was sealed with `from` until now. From here on nothing that
   * was sealed with `from` can be written.
   */
  changeMasterKey(input: { from: string; to: string }): Promise<boolean>
  /** Replaces the sealing of keys and secrets, each only if it still is what it was. */
  reseal(input: {
    keys: { number: number; was: string; sealed: string }[]
    apps: { id: AppId; was: string; secretSealed: string }[]
  }): Promise<void>
  addCloudKey(input: { act: Act; key: CloudKey }): Promise<'added' | 'app_unknown'>
  /** Revokes a key and, when asked, ends every session that came through it. */
  revokeCloudKey(input: { act: Act; id: string; endSessions: boolean }): Promise<'unknown' | { ended: number }>
  /** A named fact about the whole database: its mode, its key-check value. */
  setting(name: string): Promise<string | undefined>
  /** Writes a setting; with `ifAbsent`, only the first writer wins. Returns what stands afterwards. */
  setSetting(input: { name: string; value: string; ifAbsent: boolean }): Promise<string>
}

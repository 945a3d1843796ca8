import type { AppId, OpenId, UnionId } from '@hufu/wechat/words'
import type { AppKind } from './app.ts'
import type { RealmId, UserId } from './ids.ts'

/**
 * `unified`: a tombstone that points to the survivor, for ever. `deleted`: detached from every identity; the id is never
 * used again.
 */
export type UserStatus = 'active' | 'blocked' | 'unified' | 'deleted'

/** The account Hufu owns: one person in one realm. */
export interface User {
  id: UserId
  realmId: RealmId
  status: UserStatus
  /** Milliseconds since 1970. */
  createdAt: number
  unionid: UnionId | undefined
  /** Ids this user bore before unifications, oldest first. */
  formerIds: UserId[]
}

/** (app, openid): one person as one app sees them. */
export interface Identity {
  appId: AppId
  kind: AppKind
  openid: OpenId
  /** Stays apart from the unionid's user until an operator lifts the pin. */
  pinned: boolean
  firstSeenAt: number
  lastSeenAt: number
}

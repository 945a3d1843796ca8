import type { AppKind } from './app-kinds.ts'

/** `GET /v1/me`. Times are ISO 8601 in UTC. */
export interface Me {
  /** `usr_` and 26 characters: Hufu's own id, never an openid, never a unionid. */
  id: string
  /** When Hufu made the user, at a login: ISO 8601, UTC. */
  createdAt: string
  /** Ids that this user bore before a unification, oldest first; rows of the product may still bear them. */
  formerIds: string[]
  /** Every identity of the user, the first seen first. */
  identities: MyIdentity[]
}

/** A user as one app sees them. */
export interface MyIdentity {
  /** The AppID of the app: `wx` and 16 characters. */
  appId: string
  /** The kind of that app. */
  kind: AppKind
  /**
   * The person as that app sees them; case-sensitive, 28 characters today. This and unionid are absent where the operator
   * keeps WeChat's ids to the server (`HUFU_EXPOSE_WECHAT_IDS=false`).
   */
  openid?: string
  /** The unionid that Hufu holds for the user; `null` where it holds none, and where this identity is pinned. */
  unionid?: string | null
  /** Its first login: ISO 8601, UTC. */
  firstSeenAt: string
  /** Its latest login: ISO 8601, UTC. A refresh does not count. */
  lastSeenAt: string
}

/** What the library tells the application of a user: all of it. */
export interface WholeUser extends Me {
  identities: Required<MyIdentity>[]
}

/** `GET /v1/me/sessions`. */
export interface MySessions {
  /** The live sessions of the user in all apps, newest first. */
  items: MySession[]
}

/** One signed-in device of the user. */
export interface MySession {
  /** `ses_` and 26 characters; `DELETE /v1/me/sessions/{id}` takes it. */
  id: string
  /** The AppID of the app that it signed in to. */
  appId: string
  /** When it began, by a login: ISO 8601, UTC. */
  createdAt: string
  /** When it was last refreshed, or else began: ISO 8601, UTC. */
  lastUsedAt: string
  /** Whether the request was made with this session. */
  current: boolean
}

/** `DELETE /v1/me`: needs no body while the session began at most five minutes ago. */
export interface ErasureRequest {
  /** The app that the code was made for; the session's own if absent. */
  appId?: string
  /** A fresh code of this very person, in any app in which Hufu knows them. */
  code?: string
}

/** `DELETE /v1/me`: detached and signed out already, erased by then. */
export interface Erasure {
  /** When the last traces are gone, a day after the request: ISO 8601, UTC. */
  erasedBy: string
}

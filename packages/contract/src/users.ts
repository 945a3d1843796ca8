/** Where people meet an app; it decides how their code is redeemed. */
export type AppKind = 'miniprogram' | 'official-account' | 'website' | 'mobile'

/** `GET /v1/me`. Times are ISO 8601 in UTC. */
export interface Me {
  /** `usr_…`: Hufu's own id. */
  id: string
  /** When the user first came. */
  createdAt: string
  /** Ids that this user bore before a unification, oldest first. */
  formerIds: string[]
  /** The person in each app that they use. */
  identities: MyIdentity[]
}

/** One person as one app sees them. */
export interface MyIdentity {
  /** The app. */
  appId: string
  /** Its kind. */
  kind: AppKind
  /** The person's id there. */
  openid: string
  /** The one that Hufu holds for the user; `null` where it holds none, or keeps this identity apart. */
  unionid: string | null
  /** When they first logged in there. */
  firstSeenAt: string
  /** When they last logged in there. */
  lastSeenAt: string
}

/** `GET /v1/me/sessions`. */
export interface MySessions {
  /** Those that live, one for each signed-in device and app. */
  items: MySession[]
}

/** One signed-in device. */
export interface MySession {
  /** `ses_…`: what `DELETE /v1/me/sessions/{id}` ends. */
  id: string
  /** The app that they came in through. */
  appId: string
  /** When they logged in there. */
  createdAt: string
  /** When its refresh token was last used. */
  lastUsedAt: string
  /** Whether the request was made with this session. */
  current: boolean
}

/** `DELETE /v1/me`: detached and signed out already, erased by then. */
export interface Erasure {
  /** Nothing of the person is left by then. */
  erasedBy: string
}

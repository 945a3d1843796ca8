import type { AppKind } from './app-kinds.ts'

/** `GET /v1/me`. Times are ISO 8601 in UTC. */
export interface Me {
  id: string
  createdAt: string
  formerIds: string[]
  identities: MyIdentity[]
}

export interface MyIdentity {
  appId: string
  kind: AppKind
  /** This and unionid are absent where the operator keeps WeChat's ids to the server (`HUFU_EXPOSE_WECHAT_IDS=false`). */
  openid?: string
  unionid?: string | null
  firstSeenAt: string
  lastSeenAt: string
}

/** What the library tells the application of a user: all of it. */
export interface WholeUser extends Me {
  identities: Required<MyIdentity>[]
}

/** `GET /v1/me/sessions`. */
export interface MySessions {
  items: MySession[]
}

export interface MySession {
  id: string
  appId: string
  createdAt: string
  lastUsedAt: string
  /** Whether the request was made with this session. */
  current: boolean
}

/** `DELETE /v1/me`: detached and signed out already, erased by then. */
export interface Erasure {
  erasedBy: string
}

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
  openid: string
  unionid: string | null
  firstSeenAt: string
  lastSeenAt: string
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

/** `DELETE /v1/me`: needs no body while the session began at most five minutes ago. */
export interface ErasureRequest {
  /** The app that the code was made for; the session's own if absent. */
  appId?: string
  /** A fresh code of this very person, in any app in which Hufu knows them. */
  code?: string
}

/** `DELETE /v1/me`: detached and signed out already, erased by then. */
export interface Erasure {
  erasedBy: string
}

import type { AppKind } from './app-kinds.ts'
import type { AuditKind } from './audit-kinds.ts'

// What operators send and get under `/admin/v1`. Times are ISO 8601 in UTC. An AppSecret goes in and never comes out.

/** One page of a list. */
export interface List<Item> {
  items: Item[]
  /** Give it as `?after=` to get the next page; `null` on the last. */
  next: string | null
}

/** `POST realms`. */
export interface NewRealm {
  /** 1–64 of `a-z 0-9 -`. */
  id: string
  /** A name for people; the id if absent. */
  name?: string | undefined
}

export interface RealmReply {
  id: string
  name: string
  createdAt: string
}

/** `POST apps`. */
export interface NewApp extends AppChange {
  appId: string
}

/** `PATCH apps/{appId}`: what is absent stays as it is. */
export interface AppChange {
  /** The AppSecret. An app without one takes no codes. */
  secret?: string | undefined
  /** Id of the realm; `default` for a new app. An app changes realm only while it has no identities. */
  realm?: string | undefined
  /** An `AppKind`; `miniprogram` for a new app. */
  kind?: string | undefined
  /** A name for people; the AppID for a new app. */
  name?: string | undefined
  /** Origins of browser pages that may call with CORS, such as `https://shop.example`. */
  origins?: string[] | undefined
}

/** `POST apps/check`: what an app would be added with. */
export interface AppToCheck {
  appId: string
  secret: string
  /** An `AppKind`; `miniprogram` if absent. */
  kind?: string | undefined
}

/** What WeChat says to it; with its number, cause and cure unless it accepts. */
export interface AppCheckReply {
  /** `refused`: AppID and AppSecret do not belong together; `unknown`: WeChat did not say. */
  verdict: 'accepted' | 'refused' | 'unknown'
  errcode?: number
  cause?: { en: string; zh: string }
  cure?: { en: string; zh: string }
  /** The address that WeChat saw, where it refuses that. */
  seenAddress?: string
}

export interface AppReply {
  appId: string
  realm: string
  kind: AppKind
  name: string
  origins: string[]
  createdAt: string
}

export interface UserReply {
  id: string
  realm: string
  status: 'active' | 'blocked' | 'unified' | 'deleted'
  createdAt: string
  unionid: string | null
  formerIds: string[]
  identities: IdentityReply[]
}

/** Which identity, without saying whose. */
export interface IdentityNameReply {
  appId: string
  openid: string
}

export interface IdentityReply extends IdentityNameReply {
  kind: AppKind
  /** Stays apart from the unionid's user until an operator lifts the pin. */
  pinned: boolean
  firstSeenAt: string
  lastSeenAt: string
}

/** `POST users/{id}/end-sessions`, `DELETE cloud-keys/{id}`. */
export interface EndedSessionsReply {
  /** How many sessions ended. */
  ended: number
}

export interface UnificationReply {
  id: string
  realm: string
  /** Id of the user that is left. */
  survivor: string
  /** Id of the user that became a tombstone. */
  absorbed: string
  createdAt: string
  undoneAt: string | null
}

/** `GET unifications/{id}/preview`, `POST unifications/{id}/undo`. */
export interface UndoReply {
  survivor: SideReply
  /** The user that lives again. */
  restored: SideReply
  /** Identities that the unionid will not bring back together. */
  pinned: IdentityNameReply[]
}

/** One of the two users after the undoing. */
export interface SideReply {
  id: string
  status: 'active' | 'blocked'
  unionid: string | null
  identities: IdentityNameReply[]
  formerIds: string[]
}

export interface ConflictReply extends IdentityNameReply {
  id: string
  /** What WeChat says now. */
  unionid: string
  userId: string
  /** Who holds that unionid, where somebody does. */
  holderId: string | null
  /** How often it was seen. */
  count: number
  firstSeenAt: string
  lastSeenAt: string
  decision: 'keep' | 'accept' | null
  decidedAt: string | null
}

/** `POST conflicts/{id}/resolve`. */
export interface ConflictResolution {
  /** `keep` or `accept`. */
  decision: string
}

/** `POST cloud-keys`. */
export interface NewCloudKey {
  appId: string
  /** `trust` or `ignore`: what the key's word on unionids is worth. */
  unionid: string
  /** The public half of an Ed25519 or P-256 key: a JWK as JSON text. */
  publicJwk: string
}

export interface CloudKeyReply {
  id: string
  appId: string
  unionid: 'trust' | 'ignore'
  algorithm: 'EdDSA' | 'ES256'
  createdAt: string
  revokedAt: string | null
}

/** One audit event, as `GET events` lists them, newest first. It bears no openid, unionid, code, token or key. */
export interface EventReply {
  /** Grows; `?after=` takes it. */
  seq: number
  at: string
  kind: AuditKind
  /** `app:<AppID>`, `user:<id>`, `operator`, `system`, or `person` for a caller that named nobody. */
  actor: string
  outcome: 'ok' | 'refused'
  userId: string | null
  appId: string | null
  sessionId: string | null
  requestId: string | null
  /** What the kind has to say besides. */
  detail: Readonly<Record<string, string | number>>
}

/** `POST backup`, and its answer. */
export interface Backup {
  /** A path on the server's machine. */
  file: string
  /** Whether the copy may take the place of a file that is there; false if absent. */
  replace?: boolean | undefined
}

import type { AppKind } from './app-kinds.ts'
import type { AuditKind } from './audit-kinds.ts'

// What operators send and get under `/admin/v1`. Times are ISO 8601 in UTC. An AppSecret goes in and never comes out.

/** One page of a list. */
export interface List<Item> {
  /** The whole of a short list, else one page: as many as `?limit=` says, 1 to 200, 50 if absent. */
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

/** What operators see of a realm: `GET realms` lists them, oldest first; `POST realms` answers with one. */
export interface RealmReply {
  /** As the operator chose it: 1–64 of `a-z 0-9 -`. */
  id: string
  /** For people; the same as `id` where none was given. */
  name: string
  /** When the realm was added: ISO 8601, UTC. */
  createdAt: string
}

/** `POST apps`. */
export interface NewApp extends AppChange {
  /** The AppID as WeChat shows it: `wx` and 16 characters. */
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

/** What operators see of an app: `GET apps` lists them, oldest first; `POST` and `PATCH` answer with one. */
export interface AppReply {
  /** The AppID as WeChat shows it: `wx` and 16 characters. */
  appId: string
  /** Id of the realm whose users sign in to this app. */
  realm: string
  /** Decides how codes of this app are redeemed. */
  kind: AppKind
  /** For people; the same as `appId` where none was given. */
  name: string
  /** Origins of browser pages that may call with CORS, such as `https://shop.example`; empty for none. */
  origins: string[]
  /** When the app was added: ISO 8601, UTC. */
  createdAt: string
}

/** What operators see of a user: `GET users` lists the living, oldest first. */
export interface UserReply {
  /** `usr_` and 26 characters; where a former id was asked for, the id of the survivor. */
  id: string
  /** Id of the realm that the user belongs to. */
  realm: string
  /** `blocked`: no login until unblocked. `unified`: the id is a former id. `deleted`: the id is all that is left. */
  status: 'active' | 'blocked' | 'unified' | 'deleted'
  /** When Hufu made the user, at a login: ISO 8601, UTC. */
  createdAt: string
  /** The unionid that Hufu holds for the user; `null` where it holds none. */
  unionid: string | null
  /** Ids that this user bore before a unification, oldest first; empty for most. */
  formerIds: string[]
  /** Every identity of the user, the first seen first; empty once deleted. */
  identities: IdentityReply[]
}

/** Which identity, without saying whose. */
export interface IdentityNameReply {
  /** The AppID of the app: `wx` and 16 characters. */
  appId: string
  /** The person as that app sees them; case-sensitive, 28 characters today. */
  openid: string
}

/** An identity with its app and its times, as it stands in a user. */
export interface IdentityReply extends IdentityNameReply {
  /** The kind of its app. */
  kind: AppKind
  /** Stays apart from the unionid's user until an operator lifts the pin. */
  pinned: boolean
  /** Its first login: ISO 8601, UTC. */
  firstSeenAt: string
  /** Its latest login: ISO 8601, UTC. A refresh does not count. */
  lastSeenAt: string
}

/** `POST users/{id}/end-sessions`, whose body may be left out. */
export interface EndSessions {
  /** Only this one, such as an audit event names it. */
  sessionId?: string
}

/** `POST users/{id}/end-sessions`, `DELETE cloud-keys/{id}`. */
export interface EndedSessionsReply {
  /** How many sessions ended. */
  ended: number
}

/** Two users that became one: `GET unifications` lists them, newest first. */
export interface UnificationReply {
  /** `uni_` and 26 to 38 characters; `unifications/{id}/preview` and `/undo` take it. */
  id: string
  /** Id of the realm of both users. */
  realm: string
  /** Id of the user that is left. */
  survivor: string
  /** Id of the user that became a tombstone. */
  absorbed: string
  /** When the two became one: ISO 8601, UTC. */
  createdAt: string
  /** When an operator split them again: ISO 8601, UTC; `null` while they are one. */
  undoneAt: string | null
}

/** `GET unifications/{id}/preview`, `POST unifications/{id}/undo`. */
export interface UndoReply {
  /** The user that had absorbed the other, as the undoing leaves it. */
  survivor: SideReply
  /** The user that lives again. */
  restored: SideReply
  /** Identities that the unionid will not bring back together. */
  pinned: IdentityNameReply[]
}

/** One of the two users after the undoing. */
export interface SideReply {
  /** `usr_` and 26 characters. */
  id: string
  /** As before the unification; if an operator blocked or unblocked the survivor since, as the survivor is. */
  status: 'active' | 'blocked'
  /** The unionid that this side holds afterwards; `null` for none. The two sides never hold the same. */
  unionid: string | null
  /** The identities that this side has afterwards; each goes to one side. */
  identities: IdentityNameReply[]
  /** Ids that lead to this side, oldest first. */
  formerIds: string[]
}

/** A unionid that contradicts what is known of an identity: `GET conflicts` lists the undecided, `?all=true` all. */
export interface ConflictReply extends IdentityNameReply {
  /** `cfl_` and 26 characters; `conflicts/{id}/resolve` takes it. */
  id: string
  /** What WeChat says now. */
  unionid: string
  /** `usr_…`: the user that has the identity. */
  userId: string
  /** Who holds that unionid, where somebody does. */
  holderId: string | null
  /** How often it was seen. */
  count: number
  /** When a login first brought it: ISO 8601, UTC. The list has the newest first. */
  firstSeenAt: string
  /** When a login last brought it: ISO 8601, UTC. */
  lastSeenAt: string
  /** What an operator decided; `null` while nobody has, and again when it comes back after an `accept`. */
  decision: 'keep' | 'accept' | null
  /** When the operator decided: ISO 8601, UTC; `null` where `decision` is. */
  decidedAt: string | null
}

/** `POST conflicts/{id}/resolve`. */
export interface ConflictResolution {
  /** `keep` or `accept`. */
  decision: string
}

/** `POST cloud-keys`. */
export interface NewCloudKey {
  /** The AppID of an app that was added before: the key may speak for every openid of it, and of no other. */
  appId: string
  /** `trust` or `ignore`: what the key's word on unionids is worth. */
  unionid: string
  /** The public half of an Ed25519 or P-256 key: a JWK as JSON text. */
  publicJwk: string
}

/** What operators see of a cloud key: `GET cloud-keys` lists them, oldest first; `POST` answers with one. */
export interface CloudKeyReply {
  /** `ck_` and 26 characters; goes in the `kid` of assertions, and `DELETE cloud-keys/{id}` takes it. */
  id: string
  /** The AppID of the one app that the key speaks for. */
  appId: string
  /** `trust`: a unionid in its assertions may attach, link and unify. `ignore`: it does not count. */
  unionid: 'trust' | 'ignore'
  /** What its assertions are signed with: `EdDSA` for an Ed25519 key, `ES256` for a P-256 key. */
  algorithm: 'EdDSA' | 'ES256'
  /** When the key was added: ISO 8601, UTC. */
  createdAt: string
  /** When the key was revoked, for good: ISO 8601, UTC; `null` while it counts. */
  revokedAt: string | null
}

/** One audit event, as `GET events` lists them, newest first. It bears no openid, unionid, code, token or key. */
export interface EventReply {
  /** Grows; `?after=` takes it. */
  seq: number
  /** When it happened: ISO 8601, UTC, to the millisecond. */
  at: string
  /** What happened; decides what stands in `detail`. */
  kind: AuditKind
  /** `app:<AppID>`, `user:<id>`, `operator`, `system`, or `person` for a caller that named nobody. */
  actor: string
  /** `ok`: it was done. `refused`: it was asked for and not done. */
  outcome: 'ok' | 'refused'
  /** `usr_…`: the user it happened to, by the id of that time; `null` where no user is concerned or known. */
  userId: string | null
  /** The AppID of the app it happened in; `null` where it concerns no single app. */
  appId: string | null
  /** `ses_…`: the session it happened to; `null` where it concerns none, or several. */
  sessionId: string | null
  /** `req_…`, as in the server's log; a word such as `start` where no request asked; `null` if not written down. */
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

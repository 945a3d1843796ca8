import { DAY } from './time.ts'

/**
 * Everything Hufu writes down about what happened, in one place: each kind of audit event with how long it is kept and
 * what its `detail` may hold. An event bears the time, the actor, our user id, the app, the session, the outcome and the
 * request id. None bears an openid, a unionid, a code, a token or a key.
 */
export const AUDIT_EVENTS = {
  login: {
    days: 30,
    detail: 'decision: create, sign-in, link, unify or conflict; method: code, cloud-function or cloud-run; cloudKeyId',
  },
  login_refused: { days: 30, detail: 'code: the problem that was answered' },
  code_replayed: { days: 180, detail: 'none' },
  refresh_reused: { days: 180, detail: 'reason: reused (theft) or late_retry (a phone slept)' },
  session_ended: { days: 180, detail: 'reason, count' },
  user_unified: { days: 180, detail: 'absorbed: the user id that became a tombstone; unification' },
  unification_undone: { days: 180, detail: 'restored: the user id that lives again; unification' },
  conflict_recorded: { days: 180, detail: 'conflict' },
  conflict_resolved: { days: 180, detail: 'conflict; decision: keep or accept' },
  user_blocked: { days: 180, detail: 'none' },
  user_unblocked: { days: 180, detail: 'none' },
  user_deleted: { days: 180, detail: 'none' },
  user_exported: { days: 180, detail: 'none' },
  realm_added: { days: 180, detail: 'realm' },
  app_added: { days: 180, detail: 'realm, kind' },
  app_changed: { days: 180, detail: 'the names of the fields that changed' },
  app_removed: { days: 180, detail: 'none' },
  cloud_key_added: { days: 180, detail: 'key, unionid: trust or ignore' },
  cloud_key_revoked: { days: 180, detail: 'key, ended: how many sessions it ended' },
  key_made: { days: 180, detail: 'key, purpose, algorithm' },
  backup_made: { days: 180, detail: 'none' },
} as const satisfies Record<string, { days: number; detail: string }>

export type AuditKind = keyof typeof AUDIT_EVENTS

/**
 * What the product is told through the outbox and `onEvent`, at least once and in order of commit. Its rows may still
 * bear a former id: `user.unified` names it.
 */
export const OUTBOX_EVENTS = {
  'user.created': { days: 180, detail: 'appId' },
  'user.unified': { days: 180, detail: 'absorbed: the id that now resolves to this user' },
  'user.split': { days: 180, detail: 'restored: the id that is a user of its own again' },
  'user.blocked': { days: 180, detail: 'none' },
  'user.unblocked': { days: 180, detail: 'none' },
  'user.deleted': { days: 180, detail: 'none' },
} as const satisfies Record<string, { days: number; detail: string }>

/** What the product can be told of. */
export type OutboxKind = keyof typeof OUTBOX_EVENTS

/** More about an event: ids, words and counts of ours, never what names a person to WeChat. */
export type Detail = Readonly<Record<string, string | number>>

export interface AuditEvent {
  seq: number
  at: number
  kind: AuditKind
  actor: string
  userId: string | undefined
  appId: string | undefined
  sessionId: string | undefined
  outcome: 'ok' | 'refused'
  requestId: string | undefined
  detail: Detail
}

/** One thing that happened to a user. It may come twice: `seq` tells. */
export interface OutboxEvent {
  /** Grows with every event; the same event bears the same number each time it comes. */
  seq: number
  /** Milliseconds since 1970. */
  at: number
  /** What happened. */
  kind: OutboxKind
  /** To whom; the survivor, of a unification. */
  userId: string
  /** What `OUTBOX_EVENTS` says for the kind, such as `absorbed`. */
  detail: Detail
}

export const retention = (days: number): number => days * DAY

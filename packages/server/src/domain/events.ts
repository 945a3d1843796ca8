import type { AppKind, AuditKind, OutboxKind, ProblemCode } from '@hufu/contract'
import type { LoginMethodName } from './login-method.ts'
import type { SessionEnd } from './session.ts'
import { DAY } from './time.ts'
import type { Decision } from './whose-user.ts'

export type { AuditKind, OutboxKind }

/** How long audit events are kept, in milliseconds: those of logins, of which there are many, and the rest. */
export interface Retention {
  login: number
  rest: number
}

export const RETENTION: Retention = { login: 30 * DAY, rest: 180 * DAY }

/**
 * Everything Hufu writes down about what happened: each kind of audit event, and among which it is kept. An event bears the time,
 * the actor, our user id, the app, the session, the outcome and the request id. None bears an openid, a unionid, a code, a
 * token or a key.
 */
export const AUDIT_EVENTS = {
  login: { kept: 'login' },
  login_refused: { kept: 'login' },
  code_replayed: { kept: 'rest' },
  refresh_reused: { kept: 'rest' },
  refresh_repeated: { kept: 'rest' },
  session_ended: { kept: 'rest' },
  user_unified: { kept: 'rest' },
  unification_undone: { kept: 'rest' },
  conflict_recorded: { kept: 'rest' },
  conflict_resolved: { kept: 'rest' },
  user_blocked: { kept: 'rest' },
  user_unblocked: { kept: 'rest' },
  user_deleted: { kept: 'rest' },
  realm_added: { kept: 'rest' },
  app_added: { kept: 'rest' },
  app_changed: { kept: 'rest' },
  app_removed: { kept: 'rest' },
  cloud_key_added: { kept: 'rest' },
  cloud_key_revoked: { kept: 'rest' },
  key_made: { kept: 'rest' },
  backup_made: { kept: 'rest' },
} as const satisfies Record<AuditKind, { kept: keyof Retention }>

/** What an audit event has to say besides, by kind; `undefined` where nothing. Nothing else may be written. */
export interface AuditDetails {
  login: { decision: Decision['kind']; method: LoginMethodName; cloudKeyId?: string }
  /** The problem that was answered. */
  login_refused: { code: ProblemCode }
  code_replayed: undefined
  /** `reused` is theft; `late_retry` is a phone that slept. */
  refresh_reused: { reason: 'reused' | 'late_retry' }
  /** The predecessor gave the same successor again: how long after the rotation, and to which address block, where known. */
  refresh_repeated: { afterMs: number; clientAddress?: string }
  session_ended: { reason: SessionEnd; count: number }
  /** `absorbed`: the user id that became a tombstone. */
  user_unified: { absorbed: string; unification: string }
  /** `restored`: the user id that lives again. */
  unification_undone: { restored: string; unification: string }
  conflict_recorded: { conflict: string }
  conflict_resolved: { conflict: string; decision: 'keep' | 'accept' }
  user_blocked: undefined
  user_unblocked: undefined
  user_deleted: undefined
  realm_added: { realm: string }
  app_added: { realm: string; kind: AppKind }
  /** Names of the fields that changed, joined by commas. */
  app_changed: { fields: string }
  app_removed: undefined
  cloud_key_added: { key: string; unionid: 'trust' | 'ignore' }
  /** `ended`: how many sessions ended with it. */
  cloud_key_revoked: { key: string; ended: number }
  key_made: { key: number; purpose: string; algorithm: string }
  backup_made: undefined
}

/**
 * What the product is told through the outbox and `onEvent`, at least once and in order of commit, and how long it is
 * kept. The product's rows may still bear a former id: `user.unified` names it.
 */
export const OUTBOX_EVENTS = {
  'user.created': { days: 180 },
  'user.unified': { days: 180 },
  'user.split': { days: 180 },
  'user.blocked': { days: 180 },
  'user.unblocked': { days: 180 },
  'user.deleted': { days: 180 },
} as const satisfies Record<OutboxKind, { days: number }>

/** What an outbox event has to say besides the user, by kind. */
export interface OutboxDetails {
  /** The app that the user first came in by. */
  'user.created': { appId: string }
  /** `absorbed`: the id that now resolves to this user. */
  'user.unified': { absorbed: string }
  /** `restored`: the id that is a user of its own again. */
  'user.split': { restored: string }
  'user.blocked': NoDetail
  'user.unblocked': NoDetail
  'user.deleted': NoDetail
}

/** The `detail` of an event of any kind, as it was written down: names with a text or a number; empty for none. */
export type Detail = Readonly<Record<string, string | number>>

/** The `detail` of an event that has nothing to say besides: empty. */
export type NoDetail = Readonly<Record<string, never>>

/** An audit event that is yet to be written: who, when and in which request is said by the act. */
export type AuditEntry = { [Kind in AuditKind]: EntryOf<Kind> }[AuditKind]

type EntryOf<Kind extends AuditKind> = {
  kind: Kind
  outcome: 'ok' | 'refused'
  userId?: string
  appId?: string
  sessionId?: string
} & (AuditDetails[Kind] extends undefined ? { detail?: undefined } : { detail: AuditDetails[Kind] })

/** An audit event as it was written, perhaps by an earlier release. */
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

/** One thing that the product is told, of any kind: `kind` tells which, and so what stands in `detail`. */
export type OutboxEvent = { [Kind in OutboxKind]: OutboxEventOf<Kind> }[OutboxKind]

/** One thing of this kind that the product is told. */
export interface OutboxEventOf<Kind extends OutboxKind> {
  /** Grows; the same event comes with the same number again. */
  seq: number
  /** Milliseconds since 1970. */
  at: number
  /** What happened to the user. */
  kind: Kind
  /** `usr_…`: the user it happened to; of a unification the survivor, of a split the one that had absorbed the other. */
  userId: string
  /** What this kind has to say besides. */
  detail: OutboxDetails[Kind]
}

import type { AuditEvent, AuditKind, Detail, OutboxEvent, OutboxKind } from '../../../domain/events.ts'
import { AUDIT_EVENTS, OUTBOX_EVENTS } from '../../../domain/events.ts'
import { storedLoginMethod } from '../../../domain/login-method.ts'
import type { Decision } from '../../../domain/whose-user.ts'
import type { Row } from '../sql.ts'
import { json, number, oneOf, optional, text } from './columns.ts'

const kinds = <Kind extends string>(of: Record<Kind, unknown>): Record<Kind, true> =>
  Object.fromEntries(Object.keys(of).map((kind) => [kind, true])) as Record<Kind, true>

const auditKind = oneOf<AuditKind>('kind of audit event', kinds(AUDIT_EVENTS))
const outboxKind = oneOf<OutboxKind>('kind of event', kinds(OUTBOX_EVENTS))
const outcome = oneOf<AuditEvent['outcome']>('outcome of an audit event', { ok: true, refused: true })
const decision = oneOf<Decision['kind']>('decision about a login', {
  create: true,
  'sign-in': true,
  link: true,
  unify: true,
  conflict: true,
})

export function auditRow(found: Row): AuditEvent {
  const kind = auditKind(found.kind)
  const detail: Detail = optional(json<Detail>, found.detail) ?? {}
  if (kind === 'login') {
    optional(storedLoginMethod, detail.method)
    optional(decision, detail.decision)
  }
  return {
    seq: number(found.seq),
    at: number(found.at),
    kind,
    actor: text(found.actor),
    userId: optional(text, found.user_id),
    appId: optional(text, found.app_id),
    sessionId: optional(text, found.session_id),
    outcome: outcome(found.outcome),
    requestId: optional(text, found.request_id),
    detail,
  }
}

/** What stands in `detail` was written for this kind, in the transaction that wrote the row. */
export const outboxRow = (found: Row): OutboxEvent =>
  ({
    seq: number(found.seq),
    at: number(found.at),
    kind: outboxKind(found.kind),
    userId: text(found.user_id),
    detail: json(found.detail),
  }) as OutboxEvent

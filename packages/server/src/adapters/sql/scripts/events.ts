import type { Act } from '../../../domain/act.ts'
import type { AuditEvent, AuditKind, OutboxEvent, OutboxKind } from '../../../domain/events.ts'
import type { AuditEntry } from '../../../ports/events.ts'
import { number, optional, row, rows, type Script, text } from '../script.ts'
import { audit } from './audit.ts'

export const record: Script<{ act: Act; entry: AuditEntry }, void> = function* ({ act, entry }) {
  yield* audit(act, entry)
}

type Asked = { after: number | undefined; limit: number; kind: AuditKind | undefined; userId: string | undefined }

/** Newest first; `after` is the last `seq` of the page before. */
export const listEvents: Script<Asked, AuditEvent[]> = function* ({ after, limit, kind, userId }) {
  const found = yield* rows(
    `SELECT seq, at, kind, actor, user_id, app_id, session_id, outcome, request_id, detail FROM audit_events
     WHERE seq < ? AND (CAST(? AS TEXT) IS NULL OR kind = ?) AND (CAST(? AS TEXT) IS NULL OR user_id = ?) ORDER BY seq DESC LIMIT ?`,
    after ?? Number.MAX_SAFE_INTEGER,
    kind ?? null,
    kind ?? null,
    userId ?? null,
    userId ?? null,
    limit,
  )
  return found.map((one) => ({
    seq: number(one.seq),
    at: number(one.at),
    kind: text(one.kind) as AuditKind,
    actor: text(one.actor),
    userId: optional(text, one.user_id),
    appId: optional(text, one.app_id),
    sessionId: optional(text, one.session_id),
    outcome: one.outcome === 'ok' ? 'ok' : 'refused',
    requestId: optional(text, one.request_id),
    detail: JSON.parse(optional(text, one.detail) ?? '{}'),
  }))
}

/** Takes the oldest undelivered rows; only one process at a time gets any, so that order is kept. */
export const claim: Script<{ now: number; lapse: number; limit: number }, OutboxEvent[]> = function* (asked) {
  const { now, lapse, limit } = asked
  yield* rows("SELECT value FROM settings WHERE name = 'revision' FOR UPDATE")
  const busy = yield* row(
    'SELECT 1 AS yes FROM outbox WHERE delivered_at IS NULL AND claimed_at > ? LIMIT 1',
    now - lapse,
  )
  if (busy) return []
  const found = yield* rows(
    'SELECT seq, at, kind, user_id, detail FROM outbox WHERE delivered_at IS NULL ORDER BY seq LIMIT ?',
    limit,
  )
  for (const one of found) yield* rows('UPDATE outbox SET claimed_at = ? WHERE seq = ?', now, one.seq ?? null)
  return found.map((one) => ({
    seq: number(one.seq),
    at: number(one.at),
    kind: text(one.kind) as OutboxKind,
    userId: text(one.user_id),
    detail: JSON.parse(text(one.detail)),
  }))
}

export const delivered: Script<{ now: number; seqs: number[] }, void> = function* ({ now, seqs }) {
  for (const seq of seqs) yield* rows('UPDATE outbox SET delivered_at = ? WHERE seq = ?', now, seq)
}

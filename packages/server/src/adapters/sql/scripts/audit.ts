import type { Act } from '../../../domain/act.ts'
import type { NoDetail, OutboxDetails, OutboxKind } from '../../../domain/events.ts'
import type { AuditEntry } from '../../../ports/events.ts'
import { rows, type Steps } from '../script.ts'

/** Writes an audit event as part of whatever transaction is under way. */
export function* audit(act: Act, entry: AuditEntry): Steps<void> {
  yield* rows(
    `INSERT INTO audit_events (at, kind, actor, user_id, app_id, session_id, outcome, request_id, detail)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    act.now,
    entry.kind,
    act.actor,
    entry.userId ?? null,
    entry.appId ?? null,
    entry.sessionId ?? null,
    entry.outcome,
    act.requestId,
    entry.detail ? JSON.stringify(entry.detail) : null,
  )
}

/** Leaves word for the product, in the transaction that makes it true. */
export function* announce<Kind extends OutboxKind>(
  act: Act,
  kind: Kind,
  userId: string,
  ...[detail]: OutboxDetails[Kind] extends NoDetail ? [] : [OutboxDetails[Kind]]
): Steps<void> {
  yield* rows(
    'INSERT INTO outbox (at, kind, user_id, detail) VALUES (?, ?, ?, ?)',
    act.now,
    kind,
    userId,
    JSON.stringify(detail ?? {}),
  )
}

import type { Act } from '../../../../domain/act.ts'
import type { NoDetail, OutboxDetails, OutboxKind } from '../../../../domain/events.ts'
import type { UserId } from '../../../../domain/ids.ts'
import type { AuditEntry } from '../../../../ports/events.ts'
import { run, type Statements, sql } from '../../sql.ts'

/** Writes an audit event as part of whatever transaction is under way. */
export function* audit(act: Act, entry: AuditEntry): Statements<void> {
  const detail = entry.detail && JSON.stringify(entry.detail)
  yield* run(sql`
    INSERT INTO audit_events (at, kind, actor, user_id, app_id, session_id, outcome, request_id, detail)
    VALUES (${act.now}, ${entry.kind}, ${act.actor}, ${entry.userId}, ${entry.appId}, ${entry.sessionId}, ${entry.outcome},
      ${act.requestId}, ${detail})`)
}

/** What must be said of a kind besides the user, and nothing where it has no detail. */
type DetailOf<Kind extends OutboxKind> = OutboxDetails[Kind] extends NoDetail ? [] : [detail: OutboxDetails[Kind]]

/** Writes an event for the product to the outbox, in the transaction that makes it true. */
export function* writeOutboxEvent<Kind extends OutboxKind>(
  act: Act,
  kind: Kind,
  userId: UserId,
  ...[detail]: DetailOf<Kind>
): Statements<void> {
  yield* run(sql`
    INSERT INTO outbox (at, kind, user_id, detail) VALUES (${act.now}, ${kind}, ${userId}, ${JSON.stringify(detail ?? {})})`)
}

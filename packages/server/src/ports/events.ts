import type { Act } from '../domain/act.ts'
import type { AuditEntry, AuditEvent, AuditKind, OutboxEvent } from '../domain/events.ts'

export type { AuditEntry }

export interface Events {
  /** Writes one audit event. Use cases that change something need not call this: their change writes its own. */
  record(input: { act: Act; entry: AuditEntry }): Promise<void>
  list(input: {
    after: number | undefined
    limit: number
    kind: AuditKind | undefined
    userId: string | undefined
  }): Promise<AuditEvent[]>
  /** Takes the oldest undelivered outbox rows for this process; a claim lapses after `lapse` milliseconds. */
  claim(input: { now: number; lapse: number; limit: number }): Promise<OutboxEvent[]>
  delivered(input: { now: number; seqs: number[] }): Promise<void>
}

import { AUDIT_EVENTS, type AuditKind, OUTBOX_EVENTS, type Retention } from '../../../../domain/events.ts'
import { DAY } from '../../../../domain/time.ts'
import type { SweepInput } from '../../../../ports/upkeep.ts'
import { number, optional } from '../../rows/columns.ts'
import { count, type Fragment, fragment, nothing, one, type Statements, spelledOut, sql } from '../../sql.ts'
import { type Cursors, moveCursor } from './cursor.ts'
import type { Part } from './part.ts'

const OUTBOX_LIFE = Math.max(...Object.values(OUTBOX_EVENTS).map(({ days }) => days)) * DAY

const ofKinds = (kept: keyof Retention): Fragment => {
  const kinds = (Object.keys(AUDIT_EVENTS) as AuditKind[]).filter((kind) => AUDIT_EVENTS[kind].kept === kept)
  return fragment`AND kind IN (${spelledOut(kinds)})`
}
const KINDS: Record<keyof Retention, Fragment> = { login: ofKinds('login'), rest: ofKinds('rest') }

/**
 * Rows stand in the order of time. What is kept for the shorter time goes when the first of these cursors passes it, and
 * everything else with the second; no row is looked at more than twice.
 */
export function* sweepAudit(input: SweepInput, cursors: Cursors): Statements<Part> {
  const { login, rest } = input.retention
  const short = login < rest ? KINDS.login : KINDS.rest
  const first = yield* sweepAuditOf(short, { ...input, name: 'audit short', life: Math.min(login, rest), cursors })
  const last = yield* sweepAuditOf(nothing, { ...input, name: 'audit', life: Math.max(login, rest), cursors })
  // What a clock that jumped has put out of its order is found when the second begins again.
  if (last.isThrough && cursors.has('audit')) yield* moveCursor('audit', '')
  return { swept: first.swept + last.swept, isThrough: first.isThrough && last.isThrough }
}

interface AuditSlice extends SweepInput {
  name: string
  life: number
  cursors: Cursors
}

function* sweepAuditOf(kinds: Fragment, { name, life, cursors, now, limit }: AuditSlice): Statements<Part> {
  const from = Number(cursors.get(name) ?? '')
  const slice = yield* one(sql`
    SELECT MAX(CASE WHEN at <= ${now - life} THEN seq END) AS last, MAX(seq) AS behind, COUNT(*) AS found
    FROM (SELECT seq, at FROM audit_events WHERE seq > ${from} ORDER BY seq LIMIT ${limit}) AS slice`)
  const last = optional(number, slice?.last)
  if (last === undefined) return { swept: 0, isThrough: true }
  const swept = yield* count(sql`
    DELETE FROM audit_events WHERE seq > ${from} AND seq <= ${last} AND at <= ${now - life} ${kinds} RETURNING 1`)
  yield* moveCursor(name, String(last))
  return { swept, isThrough: number(slice?.found) < limit || last !== number(slice?.behind) }
}

/** Rows stand in the order of time here too, and all go at one age: the old ones are at the front. */
export function* sweepOutbox({ now, limit }: SweepInput): Statements<Part> {
  const old = now - OUTBOX_LIFE
  const slice = yield* one(sql`
    SELECT MAX(CASE WHEN at <= ${old} THEN seq END) AS last
    FROM (SELECT seq, at FROM outbox WHERE seq > 0 ORDER BY seq LIMIT ${limit}) AS slice`)
  const last = optional(number, slice?.last)
  if (last === undefined) return { swept: 0, isThrough: true }
  const swept = yield* count(sql`DELETE FROM outbox WHERE seq > 0 AND seq <= ${last} AND at <= ${old} RETURNING 1`)
  return { swept, isThrough: swept < limit }
}

import type { EventReply } from '@hufu/contract'
import { AUDIT_KINDS } from '@hufu/contract/data'
import type { AuditEvent } from '../domain/events.ts'
import { isUserId } from '../domain/ids.ts'
import type { Events } from '../ports/events.ts'
import { pageOf } from './page-of.ts'
import { isoTime, json, type Route, route } from './route.ts'

export const adminEventRoutes = (deps: { events: Events }): Route[] => [
  route({
    on: 'GET',
    path: '/admin/v1/events',
    who: 'operator',
    query: { after: 'number?', limit: 'limit', kind: AUDIT_KINDS, userId: isUserId },
    async run({ query }) {
      const found = await deps.events.list(query)
      return json(pageOf(found.map(eventReply), query.limit, ({ seq }) => String(seq)))
    },
  }),
]

const eventReply = (event: AuditEvent): EventReply => ({
  seq: event.seq,
  at: isoTime(event.at),
  kind: event.kind,
  actor: event.actor,
  outcome: event.outcome,
  userId: event.userId ?? null,
  appId: event.appId ?? null,
  sessionId: event.sessionId ?? null,
  requestId: event.requestId ?? null,
  detail: event.detail,
})

import type { ConflictReply, ConflictResolution } from '@hufu/contract'
import { isConflictId } from '../domain/ids.ts'
import type { ConflictEntry, Reconciliation } from '../ports/reconciliation.ts'
import { resolveConflict } from '../usecases/resolve-conflict.ts'
import type { ShapeOf } from './members.ts'
import { pageOf } from './page-of.ts'
import { isoTime, json, noContent, type Route, route } from './route.ts'

export const adminConflictRoutes = (deps: { reconciliation: Reconciliation }): Route[] => [
  route({
    on: 'GET',
    path: '/admin/v1/conflicts',
    who: 'operator',
    query: { after: isConflictId, limit: 'limit', all: 'boolean?' },
    async run({ query: { after, limit, all } }) {
      const found = await deps.reconciliation.listConflicts({ after, limit, open: !all })
      return json(pageOf(found.map(conflictReply), limit, ({ id }) => id))
    },
  }),
  route({
    on: 'POST',
    path: '/admin/v1/conflicts/:id/resolve',
    who: 'operator',
    body: { decision: 'text' } satisfies ShapeOf<ConflictResolution>,
    async run({ act, path, body }) {
      await resolveConflict(deps, { act, id: path('id'), ...body })
      return noContent()
    },
  }),
]

const conflictReply = (conflict: ConflictEntry): ConflictReply => ({
  id: conflict.id,
  appId: conflict.appId,
  openid: conflict.openid,
  unionid: conflict.unionid,
  userId: conflict.userId,
  holderId: conflict.holderId ?? null,
  count: conflict.count,
  firstSeenAt: isoTime(conflict.firstSeenAt),
  lastSeenAt: isoTime(conflict.lastSeenAt),
  decision: conflict.decision ?? null,
  decidedAt: conflict.decidedAt === undefined ? null : isoTime(conflict.decidedAt),
})

import { previewUndo, type ReconcileDeps, resolveConflict, undoUnification } from '../usecases/reconcile.ts'
import { conflictReply, undoingReply, unificationReply } from './admin-replies.ts'
import { readPage } from './page.ts'
import { readJson, readMembers } from './read.ts'
import { json, nothing, type Route } from './route.ts'

export const adminReconcileRoutes = (deps: ReconcileDeps): Route[] => [
  {
    on: 'GET',
    path: '/admin/v1/unifications',
    who: 'operator',
    query: ['after', 'limit'],
    async run({ request }) {
      const { after, limit } = readPage(request)
      const found = await deps.reconciliation.listUnifications({ after, limit })
      return json({ items: found.map(unificationReply), next: found.length === limit ? found.at(-1)?.id : null })
    },
  },
  {
    on: 'GET',
    path: '/admin/v1/unifications/:id/preview',
    who: 'operator',
    run: async ({ path }) => json(undoingReply(await previewUndo(deps, path('id')))),
  },
  {
    on: 'POST',
    path: '/admin/v1/unifications/:id/undo',
    who: 'operator',
    run: async ({ path, requestId }) => json(undoingReply(await undoUnification(deps, { id: path('id'), requestId }))),
  },
  {
    on: 'GET',
    path: '/admin/v1/conflicts',
    who: 'operator',
    query: ['after', 'limit', 'all'],
    async run({ request }) {
      const { after, limit, text } = readPage(request)
      const found = await deps.reconciliation.listConflicts({ after, limit, open: text('all') === undefined })
      return json({ items: found.map(conflictReply), next: found.length === limit ? found.at(-1)?.id : null })
    },
  },
  {
    on: 'POST',
    path: '/admin/v1/conflicts/:id/resolve',
    who: 'operator',
    async run({ request, requestId, path }) {
      const { decision } = readMembers(await readJson(request), { decision: 'text' })
      await resolveConflict(deps, { id: path('id'), decision, requestId })
      return nothing()
    },
  },
]

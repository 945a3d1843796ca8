import type { IdentityNameReply, SideReply, UndoReply, UnificationReply } from '@hufu/contract'
import { isUnificationId } from '../domain/ids.ts'
import type { IdentityName, Side, UndoPlan } from '../domain/unification.ts'
import type { Reconciliation, UnificationEntry } from '../ports/reconciliation.ts'
import { previewUndo } from '../usecases/preview-undo.ts'
import { undoUnification } from '../usecases/undo-unification.ts'
import { pageOf } from './page-of.ts'
import { isoTime, json, type Route, route } from './route.ts'

export const adminUnificationRoutes = (deps: { reconciliation: Reconciliation }): Route[] => [
  route({
    on: 'GET',
    path: '/admin/v1/unifications',
    who: 'operator',
    query: { after: isUnificationId, limit: 'limit' },
    async run({ query }) {
      const found = await deps.reconciliation.listUnifications(query)
      return json(pageOf(found.map(unificationReply), query.limit, ({ id }) => id))
    },
  }),
  route({
    on: 'GET',
    path: '/admin/v1/unifications/:id/preview',
    who: 'operator',
    run: async ({ path }) => json(undoReply(await previewUndo(deps, path('id')))),
  }),
  route({
    on: 'POST',
    path: '/admin/v1/unifications/:id/undo',
    who: 'operator',
    run: async ({ act, path }) => json(undoReply(await undoUnification(deps, { act, id: path('id') }))),
  }),
]

const unificationReply = (entry: UnificationEntry): UnificationReply => ({
  id: entry.id,
  realm: entry.realmId,
  survivor: entry.survivorId,
  absorbed: entry.absorbedId,
  createdAt: isoTime(entry.createdAt),
  undoneAt: entry.undoneAt === undefined ? null : isoTime(entry.undoneAt),
})

const undoReply = ({ survivor, absorbed, pinned }: UndoPlan): UndoReply => ({
  survivor: sideReply(survivor),
  restored: sideReply(absorbed),
  pinned: pinned.map(identityNameReply),
})

const sideReply = ({ id, status, unionid, identities, formerIds }: Side): SideReply => ({
  id,
  status,
  unionid: unionid ?? null,
  identities: identities.map(identityNameReply),
  formerIds,
})

const identityNameReply = ({ appId, openid }: IdentityName): IdentityNameReply => ({ appId, openid })

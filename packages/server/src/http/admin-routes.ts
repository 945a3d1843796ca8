import type { Store } from '../ports/store.ts'
import { addApp, addRealm, changeApp, removeApp, type SetupDeps } from '../usecases/manage-setup.ts'
import type { ManageUsersDeps } from '../usecases/manage-users.ts'
import type { ReconcileDeps } from '../usecases/reconcile.ts'
import { adminCloudKeyRoutes } from './admin-cloud-key-routes.ts'
import { adminReconcileRoutes } from './admin-reconcile-routes.ts'
import { appReply, eventReply } from './admin-replies.ts'
import { adminUserRoutes } from './admin-user-routes.ts'
import { readPage } from './page.ts'
import { readJson, readMembers } from './read.ts'
import { isoTime, json, nothing, type Route } from './route.ts'

export type AdminRouteDeps = SetupDeps & ManageUsersDeps & ReconcileDeps & Pick<Store, 'events' | 'upkeep'>

/** What an operator may do. Every act writes an audit event, in the transaction that does it. */
export const adminRoutes = (deps: AdminRouteDeps): Route[] => [
  ...realmRoutes(deps),
  ...appRoutes(deps),
  ...adminUserRoutes(deps),
  ...adminReconcileRoutes(deps),
  ...adminCloudKeyRoutes(deps),
  {
    on: 'GET',
    path: '/admin/v1/events',
    who: 'operator',
    query: ['after', 'limit', 'kind', 'userId'],
    async run({ request }) {
      const { after, limit, text } = readPage(request)
      const events = await deps.events.list({
        after: after === undefined ? undefined : Number(after),
        limit,
        kind: text('kind'),
        userId: text('userId'),
      })
      return json({ items: events.map(eventReply), next: events.length === limit ? String(events.at(-1)?.seq) : null })
    },
  },
  {
    on: 'POST',
    path: '/admin/v1/backup',
    who: 'operator',
    async run({ request, requestId }) {
      const { file, replace } = readMembers(await readJson(request), { file: 'text', replace: 'boolean?' })
      await deps.upkeep.backup(file, { replace: replace ?? false })
      const act = { actor: 'operator', requestId, now: deps.clock.now() }
      await deps.events.record({ act, entry: { kind: 'backup_made', outcome: 'ok' } })
      return json({ file })
    },
  },
]

const realmRoutes = (deps: AdminRouteDeps): Route[] => [
  {
    on: 'GET',
    path: '/admin/v1/realms',
    who: 'operator',
    async run() {
      const items = deps.directory.realms().map((realm) => ({ ...realm, createdAt: isoTime(realm.createdAt) }))
      return json({ items, next: null })
    },
  },
  {
    on: 'POST',
    path: '/admin/v1/realms',
    who: 'operator',
    async run({ request, requestId }) {
      const input = readMembers(await readJson(request), { id: 'text', name: 'text?' })
      const realm = await addRealm(deps, { ...input, requestId })
      return json({ ...realm, createdAt: isoTime(realm.createdAt) }, 201)
    },
  },
]

const appRoutes = (deps: AdminRouteDeps): Route[] => [
  {
    on: 'GET',
    path: '/admin/v1/apps',
    who: 'operator',
    run: async () => json({ items: deps.directory.apps().map(appReply), next: null }),
  },
  {
    on: 'POST',
    path: '/admin/v1/apps',
    who: 'operator',
    async run({ request, requestId }) {
      const shape = {
        appId: 'text',
        secret: 'text?',
        realm: 'text?',
        kind: 'text?',
        name: 'text?',
        origins: 'texts?',
      } as const
      return json(appReply(await addApp(deps, { ...readMembers(await readJson(request), shape), requestId })), 201)
    },
  },
  {
    on: 'PATCH',
    path: '/admin/v1/apps/:appId',
    who: 'operator',
    async run({ request, requestId, path }) {
      const shape = { secret: 'text?', realm: 'text?', kind: 'text?', name: 'text?', origins: 'texts?' } as const
      const change = readMembers(await readJson(request), shape)
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
      return json(appReply(await changeApp(deps, { ...given, appId: path('appId'), requestId })))
    },
  },
  {
    on: 'DELETE',
    path: '/admin/v1/apps/:appId',
    who: 'operator',
    async run({ requestId, path }) {
      await removeApp(deps, { appId: path('appId'), requestId })
      return nothing()
    },
  },
]

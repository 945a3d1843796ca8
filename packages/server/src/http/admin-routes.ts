import type { Backup } from '@hufu/contract'
import type { Reconciliation } from '../ports/reconciliation.ts'
import type { AddAppDeps } from '../usecases/add-app.ts'
import type { AddRealmDeps } from '../usecases/add-realm.ts'
import { type BackUpDeps, backUp } from '../usecases/back-up.ts'
import type { EndUserSessionsDeps } from '../usecases/end-user-sessions.ts'
import { adminAppRoutes } from './admin-app-routes.ts'
import { adminCloudKeyRoutes } from './admin-cloud-key-routes.ts'
import { adminConflictRoutes } from './admin-conflict-routes.ts'
import { adminEventRoutes } from './admin-event-routes.ts'
import { adminRealmRoutes } from './admin-realm-routes.ts'
import { adminUnificationRoutes } from './admin-unification-routes.ts'
import { adminUserRoutes } from './admin-user-routes.ts'
import type { ShapeOf } from './members.ts'
import { json, type Route, route } from './route.ts'

export type AdminRouteDeps = AddAppDeps &
  AddRealmDeps &
  EndUserSessionsDeps &
  BackUpDeps & { reconciliation: Reconciliation }

/** What an operator may do. Every act writes an audit event, in the transaction that does it. */
export const adminRoutes = (deps: AdminRouteDeps): Route[] => [
  ...adminRealmRoutes(deps),
  ...adminAppRoutes(deps),
  ...adminUserRoutes(deps),
  ...adminUnificationRoutes(deps),
  ...adminConflictRoutes(deps),
  ...adminCloudKeyRoutes(deps),
  ...adminEventRoutes(deps),
  route({
    on: 'POST',
    path: '/admin/v1/backup',
    who: 'operator',
    body: { file: 'text', replace: 'boolean?' } satisfies ShapeOf<Backup>,
    async run({ act, body: { file, replace = false } }) {
      await backUp(deps, { act, file, replace })
      return json({ file } satisfies Backup)
    },
  }),
]

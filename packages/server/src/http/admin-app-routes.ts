import type { AppChange, AppReply, NewApp } from '@hufu/contract'
import type { App } from '../domain/app.ts'
import { type AddAppDeps, addApp } from '../usecases/add-app.ts'
import { changeApp } from '../usecases/change-app.ts'
import { removeApp } from '../usecases/remove-app.ts'
import type { ShapeOf } from './members.ts'
import { wholeList } from './page-of.ts'
import { isoTime, json, noContent, type Route, route } from './route.ts'

const CHANGE = {
  secret: 'text?',
  realm: 'text?',
  kind: 'text?',
  name: 'text?',
  origins: 'texts?',
} as const satisfies ShapeOf<AppChange>

export const adminAppRoutes = (deps: AddAppDeps): Route[] => [
  route({
    on: 'GET',
    path: '/admin/v1/apps',
    who: 'operator',
    run: async () => json(wholeList(deps.directory.apps().map(appReply))),
  }),
  route({
    on: 'POST',
    path: '/admin/v1/apps',
    who: 'operator',
    body: { appId: 'text', ...CHANGE } satisfies ShapeOf<NewApp>,
    run: async ({ act, body }) => json(appReply(await addApp(deps, { act, ...body })), 201),
  }),
  route({
    on: 'PATCH',
    path: '/admin/v1/apps/:appId',
    who: 'operator',
    body: CHANGE,
    run: async ({ act, path, body }) => json(appReply(await changeApp(deps, { act, appId: path('appId'), ...body }))),
  }),
  route({
    on: 'DELETE',
    path: '/admin/v1/apps/:appId',
    who: 'operator',
    async run({ act, path }) {
      await removeApp(deps, { act, appId: path('appId') })
      return noContent()
    },
  }),
]

/** What operators see of an app: its secret is not in it. */
const appReply = ({ id, realmId, kind, name, origins, createdAt }: App): AppReply => ({
  appId: id,
  realm: realmId,
  kind,
  name,
  origins,
  createdAt: isoTime(createdAt),
})

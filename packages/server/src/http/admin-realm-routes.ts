import type { NewRealm, RealmReply } from '@hufu/contract'
import type { Realm } from '../domain/app.ts'
import { type AddRealmDeps, addRealm } from '../usecases/add-realm.ts'
import type { ShapeOf } from './members.ts'
import { wholeList } from './page-of.ts'
import { isoTime, json, type Route, route } from './route.ts'

export const adminRealmRoutes = (deps: AddRealmDeps): Route[] => [
  route({
    on: 'GET',
    path: '/admin/v1/realms',
    who: 'operator',
    run: async () => json(wholeList(deps.directory.realms().map(realmReply))),
  }),
  route({
    on: 'POST',
    path: '/admin/v1/realms',
    who: 'operator',
    body: { id: 'text', name: 'text?' } satisfies ShapeOf<NewRealm>,
    run: async ({ act, body }) => json(realmReply(await addRealm(deps, { act, ...body })), 201),
  }),
]

const realmReply = ({ id, name, createdAt }: Realm): RealmReply => ({ id, name, createdAt: isoTime(createdAt) })

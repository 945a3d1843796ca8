import type { CloudKeyReply, EndedSessionsReply, NewCloudKey } from '@hufu/contract'
import { algorithmOf, type CloudKey } from '../domain/cloud-key.ts'
import { type AddCloudKeyDeps, addCloudKey } from '../usecases/add-cloud-key.ts'
import { revokeCloudKey } from '../usecases/revoke-cloud-key.ts'
import type { ShapeOf } from './members.ts'
import { wholeList } from './page-of.ts'
import { isoTime, json, type Route, route } from './route.ts'

export const adminCloudKeyRoutes = (deps: AddCloudKeyDeps): Route[] => [
  route({
    on: 'GET',
    path: '/admin/v1/cloud-keys',
    who: 'operator',
    query: { appId: 'text?' },
    async run({ query: { appId } }) {
      const keys = deps.directory.cloudKeys().filter((key) => appId === undefined || key.appId === appId)
      return json(wholeList(keys.map(cloudKeyReply)))
    },
  }),
  route({
    on: 'POST',
    path: '/admin/v1/cloud-keys',
    who: 'operator',
    body: { appId: 'text', unionid: 'text', publicJwk: 'text' } satisfies ShapeOf<NewCloudKey>,
    run: async ({ act, body }) => json(cloudKeyReply(await addCloudKey(deps, { act, ...body })), 201),
  }),
  route({
    on: 'DELETE',
    path: '/admin/v1/cloud-keys/:id',
    who: 'operator',
    query: { endSessions: 'boolean?' },
    async run({ act, path, query: { endSessions = false } }) {
      const ended: EndedSessionsReply = await revokeCloudKey(deps, { act, id: path('id'), endSessions })
      return json(ended)
    },
  }),
]

const cloudKeyReply = (key: CloudKey): CloudKeyReply => ({
  id: key.id,
  appId: key.appId,
  unionid: key.trustsUnionid ? 'trust' : 'ignore',
  algorithm: algorithmOf(key),
  createdAt: isoTime(key.createdAt),
  revokedAt: key.revokedAt === undefined ? null : isoTime(key.revokedAt),
})

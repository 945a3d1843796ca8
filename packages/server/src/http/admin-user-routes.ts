import type { EndedSessionsReply, EndSessions, UserReply } from '@hufu/contract'
import { isUserId } from '../domain/ids.ts'
import type { UserView } from '../ports/users.ts'
import { blockUser } from '../usecases/block-user.ts'
import { deleteUser } from '../usecases/delete-user.ts'
import { type EndUserSessionsDeps, endUserSessions } from '../usecases/end-user-sessions.ts'
import { findUsers } from '../usecases/find-users.ts'
import { getUser } from '../usecases/get-user.ts'
import { unblockUser } from '../usecases/unblock-user.ts'
import type { ShapeOf } from './members.ts'
import { pageOf } from './page-of.ts'
import { isoTime, json, noContent, type Route, route } from './route.ts'

const USER = '/admin/v1/users/:id'

export const adminUserRoutes = (deps: EndUserSessionsDeps): Route[] => [
  route({
    on: 'GET',
    path: '/admin/v1/users',
    who: 'operator',
    query: { userId: 'text?', unionid: 'text?', appId: 'text?', openid: 'text?', after: isUserId, limit: 'limit' },
    async run({ query }) {
      const found = await findUsers(deps, query)
      return json(pageOf(found.map(userReply), query.limit, ({ id }) => id))
    },
  }),
  route({
    on: 'GET',
    path: USER,
    who: 'operator',
    run: async ({ path }) => json(userReply(await getUser(deps, path('id')))),
  }),
  route({
    on: 'DELETE',
    path: USER,
    who: 'operator',
    async run({ act, path }) {
      await deleteUser(deps, { act, id: path('id') })
      return noContent()
    },
  }),
  route({
    on: 'POST',
    path: `${USER}/block`,
    who: 'operator',
    run: async ({ act, path }) => json(userReply(await blockUser(deps, { act, id: path('id') }))),
  }),
  route({
    on: 'POST',
    path: `${USER}/unblock`,
    who: 'operator',
    run: async ({ act, path }) => json(userReply(await unblockUser(deps, { act, id: path('id') }))),
  }),
  route({
    on: 'POST',
    path: `${USER}/end-sessions`,
    who: 'operator',
    body: { sessionId: 'text?' } satisfies ShapeOf<EndSessions>,
    mayOmitBody: true,
    async run({ act, path, body }) {
      const ended: EndedSessionsReply = await endUserSessions(deps, { act, id: path('id'), ...body })
      return json(ended)
    },
  }),
]

const userReply = ({ user, identities }: UserView): UserReply => ({
  id: user.id,
  realm: user.realmId,
  status: user.status,
  createdAt: isoTime(user.createdAt),
  unionid: user.unionid ?? null,
  formerIds: user.formerIds,
  identities: identities.map((identity) => ({
    appId: identity.appId,
    kind: identity.kind,
    openid: identity.openid,
    pinned: identity.pinned,
    firstSeenAt: isoTime(identity.firstSeenAt),
    lastSeenAt: isoTime(identity.lastSeenAt),
  })),
})

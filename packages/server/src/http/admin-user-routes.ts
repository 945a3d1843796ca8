import {
  blockUser,
  deleteUser,
  endUserSessions,
  findUsers,
  getUser,
  type ManageUsersDeps,
  unblockUser,
} from '../usecases/manage-users.ts'
import { userReply } from './admin-replies.ts'
import { readPage } from './page.ts'
import { json, nothing, type Route } from './route.ts'

const USER = '/admin/v1/users/:id'

export const adminUserRoutes = (deps: ManageUsersDeps): Route[] => [
  {
    on: 'GET',
    path: '/admin/v1/users',
    who: 'operator',
    query: ['userId', 'unionid', 'appId', 'openid', 'after', 'limit'],
    async run({ request }) {
      const { after, limit, text } = readPage(request)
      const found = await findUsers(deps, {
        userId: text('userId'),
        unionid: text('unionid'),
        appId: text('appId'),
        openid: text('openid'),
        after,
        limit,
      })
      return json({ items: found.map(userReply), next: found.length === limit ? found.at(-1)?.user.id : null })
    },
  },
  { on: 'GET', path: USER, who: 'operator', run: async ({ path }) => json(userReply(await getUser(deps, path('id')))) },
  {
    on: 'DELETE',
    path: USER,
    who: 'operator',
    async run({ path, requestId }) {
      await deleteUser(deps, { id: path('id'), requestId })
      return nothing()
    },
  },
  {
    on: 'POST',
    path: `${USER}/block`,
    who: 'operator',
    run: async ({ path, requestId }) => json(userReply(await blockUser(deps, { id: path('id'), requestId }))),
  },
  {
    on: 'POST',
    path: `${USER}/unblock`,
    who: 'operator',
    run: async ({ path, requestId }) => json(userReply(await unblockUser(deps, { id: path('id'), requestId }))),
  },
  {
    on: 'POST',
    path: `${USER}/end-sessions`,
    who: 'operator',
    run: async ({ path, requestId }) => json(await endUserSessions(deps, { id: path('id'), requestId })),
  },
]

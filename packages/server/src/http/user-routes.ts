import type { Erasure, Me } from '@hufu/contract'
import type { Users, UserView } from '../ports/users.ts'
import { deleteMyself } from '../usecases/delete-myself.ts'
import { getMyself } from '../usecases/get-myself.ts'
import { isoTime, json, type Route, route } from './route.ts'

export const userRoutes = (deps: { users: Users }): Route[] => [
  route({
    on: 'GET',
    path: '/v1/me',
    who: 'person',
    run: async (_, person) => json(meReply(await getMyself(deps, person))),
  }),
  route({
    on: 'DELETE',
    path: '/v1/me',
    who: 'person',
    async run({ act }, person) {
      const { erasedBy } = await deleteMyself(deps, { act, person })
      return json({ erasedBy: isoTime(erasedBy) } satisfies Erasure, 202)
    },
  }),
]

/** A user as they may see themselves. */
export const meReply = ({ user, identities }: UserView): Me => ({
  id: user.id,
  createdAt: isoTime(user.createdAt),
  formerIds: user.formerIds,
  identities: identities.map((identity) => ({
    appId: identity.appId,
    kind: identity.kind,
    openid: identity.openid,
    unionid: identity.pinned ? null : (user.unionid ?? null),
    firstSeenAt: isoTime(identity.firstSeenAt),
    lastSeenAt: isoTime(identity.lastSeenAt),
  })),
})

import type { Erasure, Me } from '@hufu/contract'
import type { UserView } from '../ports/users.ts'
import { deleteMyself, type MyAccountDeps, myself } from '../usecases/my-account.ts'
import { isoTime, json, type Route } from './route.ts'

export const userRoutes = (deps: MyAccountDeps): Route[] => [
  {
    on: 'GET',
    path: '/v1/me',
    who: 'person',
    run: async (_, person) => json(meReply(await myself(deps, person))),
  },
  {
    on: 'DELETE',
    path: '/v1/me',
    who: 'person',
    async run({ requestId }, person) {
      const { erasedBy } = await deleteMyself(deps, person, requestId)
      return json({ erasedBy: isoTime(erasedBy) } satisfies Erasure, 202)
    },
  },
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

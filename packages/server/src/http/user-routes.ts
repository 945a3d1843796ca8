import type { Erasure, ErasureRequest, Me, WholeUser } from '@hufu/contract'
import type { UserView } from '../ports/users.ts'
import { deleteMyself } from '../usecases/delete-myself.ts'
import { getMyself } from '../usecases/get-myself.ts'
import type { ProvePresenceDeps } from '../usecases/prove-presence.ts'
import type { ShapeOf } from './members.ts'
import { isoTime, json, type Route, route } from './route.ts'

export const userRoutes = (deps: ProvePresenceDeps & { exposeWeChatIds: boolean }): Route[] => [
  route({
    on: 'GET',
    path: '/v1/me',
    who: 'person',
    run: async (_, person) => json(meReply(await getMyself(deps, person), deps)),
  }),
  route({
    on: 'DELETE',
    path: '/v1/me',
    who: 'person',
    body: { appId: 'text?', code: 'text?' } satisfies ShapeOf<ErasureRequest>,
    mayOmitBody: true,
    async run({ act, clientAddress, body }, person) {
      const { erasedBy } = await deleteMyself(deps, { act, person, proof: body, clientAddress })
      return json({ erasedBy: isoTime(erasedBy) } satisfies Erasure, 202)
    },
  }),
]

/** A user as they may see themselves. */
export function meReply(view: UserView, { exposeWeChatIds }: { exposeWeChatIds: boolean }): Me {
  const whole = wholeUser(view)
  if (exposeWeChatIds) return whole
  return { ...whole, identities: whole.identities.map(({ openid: _, unionid: __, ...rest }) => rest) }
}

/** A user with the ids that WeChat has for them. */
export const wholeUser = ({ user, identities }: UserView): WholeUser => ({
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

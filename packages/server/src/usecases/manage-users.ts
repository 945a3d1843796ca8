import { appId, openid, unionid } from '@hufu/wechat/words'
import { isUserId, type UserId } from '../domain/ids.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { Sessions } from '../ports/sessions.ts'
import type { Users, UserView } from '../ports/users.ts'

export interface ManageUsersDeps {
  users: Users
  sessions: Sessions
  clock: Clock
}

export interface UserQuery {
  userId: string | undefined
  unionid: string | undefined
  appId: string | undefined
  openid: string | undefined
  after: string | undefined
  limit: number
}

/** Finds users by whichever id is at hand; without one, a page of all. @throws {ProblemError} `invalid_request` */
export async function findUsers({ users }: ManageUsersDeps, query: UserQuery): Promise<UserView[]> {
  if (query.userId !== undefined) return some(await users.find(readUserId(query.userId)))
  if (query.unionid !== undefined) return users.findByUnionid(read(unionid, query.unionid, 'unionid'))
  if (query.openid !== undefined || query.appId !== undefined) {
    if (query.openid === undefined || query.appId === undefined) {
      throw new ProblemError('invalid_request', 'An openid belongs to an app: give both appId and openid.')
    }
    return some(
      await users.findByIdentity({
        appId: read(appId, query.appId, 'appId'),
        openid: read(openid, query.openid, 'openid'),
      }),
    )
  }
  return users.list({ after: query.after, limit: query.limit })
}

const some = (found: UserView | undefined): UserView[] => (found ? [found] : [])

/** A tombstoned id answers with the survivor. @throws {ProblemError} `not_found` */
export async function getUser({ users }: ManageUsersDeps, id: string): Promise<UserView> {
  const found = await users.find(readUserId(id))
  if (!found) throw noUser()
  return found
}

type On = { id: string; requestId: string }

/** @throws {ProblemError} `not_found` */
export const blockUser = (deps: ManageUsersDeps, on: On): Promise<UserView> => change(deps, on, deps.users.block)

/** @throws {ProblemError} `not_found` */
export const unblockUser = (deps: ManageUsersDeps, on: On): Promise<UserView> => change(deps, on, deps.users.unblock)

async function change(deps: ManageUsersDeps, on: On, apply: Users['block']): Promise<UserView> {
  const { user } = await getUser(deps, on.id)
  if (!(await apply({ act: actOf(deps, on), userId: user.id }))) throw noUser()
  return getUser(deps, user.id)
}

/** @throws {ProblemError} `not_found` */
export async function endUserSessions(deps: ManageUsersDeps, on: On): Promise<{ ended: number }> {
  const { user } = await getUser(deps, on.id)
  return { ended: await deps.sessions.endAll({ act: actOf(deps, on), userId: user.id, reason: 'operator' }) }
}

/** @throws {ProblemError} `not_found` */
export async function deleteUser(deps: ManageUsersDeps, on: On): Promise<void> {
  const { user } = await getUser(deps, on.id)
  if (!(await deps.users.delete({ act: actOf(deps, on), userId: user.id }))) throw noUser()
}

const actOf = ({ clock }: ManageUsersDeps, { requestId }: On) => ({ actor: 'operator', requestId, now: clock.now() })

function readUserId(raw: string): UserId {
  if (isUserId(raw)) return raw
  throw new ProblemError('invalid_request', 'Wrong: user id (usr_ and 26 characters).')
}

function read<T>(word: (raw: unknown) => T, raw: string, name: string): T {
  try {
    return word(raw)
  } catch {
    throw new ProblemError('invalid_request', `Wrong: ${name}.`)
  }
}

const noUser = (): ProblemError => new ProblemError('not_found', 'There is no such user.')

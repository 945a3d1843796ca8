import { appId, openid, unionid } from '@hufu/wechat/words'
import { ProblemError } from '../domain/problem-error.ts'
import type { Users, UserView } from '../ports/users.ts'
import { readUserId } from './get-user.ts'

export interface UserQuery {
  userId: string | undefined
  unionid: string | undefined
  appId: string | undefined
  openid: string | undefined
  after: string | undefined
  limit: number
}

/** Finds users by whichever id is at hand; without one, a page of all. @throws {ProblemError} `invalid_request` */
export async function findUsers({ users }: { users: Users }, query: UserQuery): Promise<UserView[]> {
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

function read<T>(word: (raw: unknown) => T, raw: string, name: string): T {
  try {
    return word(raw)
  } catch {
    throw new ProblemError('invalid_request', `Wrong: ${name}.`)
  }
}

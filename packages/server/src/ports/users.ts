import type { UnionId } from '@hufu/wechat/words'
import type { Act } from '../domain/act.ts'
import type { UserId } from '../domain/ids.ts'
import type { IdentityName } from '../domain/unification.ts'
import type { Identity, User } from '../domain/user.ts'

export interface UserView {
  user: User
  identities: Identity[]
}

/** What is done to a former id is done to its survivor, also when the two became one a moment ago. */
export interface Users {
  /** The user of this id; a tombstone answers with its survivor, whose `formerIds` then hold the id asked for. */
  find(userId: UserId): Promise<UserView | undefined>
  findByIdentity(input: IdentityName): Promise<UserView | undefined>
  /** In every realm, since an operator may not know which. */
  findByUnionid(unionid: UnionId): Promise<UserView[]>
  /** A page of live users, oldest first. */
  list(input: { after: string | undefined; limit: number }): Promise<UserView[]>
  /** Bars the user and ends every session. Returns false when no such user lives. */
  block(input: { act: Act; userId: UserId }): Promise<boolean>
  unblock(input: { act: Act; userId: UserId }): Promise<boolean>
  /**
   * Detaches every identity and the unionid, ends the sessions and forgets what named the person, at once. The id stays
   * behind as `deleted` and is never used again.
   */
  delete(input: { act: Act; userId: UserId }): Promise<boolean>
}

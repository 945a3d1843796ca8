import type { UnionId } from '@hufu/wechat/words'
import type { Act } from '../domain/act.ts'
import type { SessionId, UserId } from '../domain/ids.ts'
import type { Lifetimes, RefreshStep, RefreshVerdict, Session, SessionEnd } from '../domain/session.ts'
import type { UserStatus } from '../domain/user.ts'

export interface RefreshFacts {
  act: Act
  sessionId: SessionId
  presented: RefreshStep
  /** The step that a rotation would make; its generation is set by the store. */
  next: Pick<RefreshStep, 'keyNumber' | 'salt'>
  lifetimes: Lifetimes
}

export interface SessionOwner {
  id: UserId
  status: UserStatus
  formerIds: UserId[]
  unionid: UnionId | undefined
}

export interface RefreshOutcome {
  verdict: RefreshVerdict
  /** As it stands after the verdict was applied; absent when there is no such session. */
  session: Session | undefined
  user: SessionOwner | undefined
}

export interface Sessions {
  /** Judges the presented step with `judgeRefresh` and applies the verdict, in one transaction. */
  refresh(facts: RefreshFacts): Promise<RefreshOutcome>

  /** A session and its user as the database has them now, ended or not. */
  find(id: SessionId): Promise<{ session: Session; user: SessionOwner } | undefined>

  /** The live sessions of a user, newest first. */
  listOf(input: { userId: UserId; now: number; lifetimes: Lifetimes }): Promise<Session[]>

  /** Ends one session of this user, or of the survivor of this former id. Returns whether it was live and theirs. */
  end(input: { act: Act; userId: UserId; sessionId: SessionId; reason: SessionEnd }): Promise<boolean>

  /** Ends every live session of this user, or of the survivor of this former id, and says how many there were. */
  endAll(input: { act: Act; userId: UserId; reason: SessionEnd }): Promise<number>
}

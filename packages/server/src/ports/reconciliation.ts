import type { AppId, OpenId, UnionId } from '@hufu/wechat/words'
import type { Act } from '../domain/act.ts'
import type { RealmId, UserId } from '../domain/ids.ts'
import type { UndoPlan } from '../domain/unification.ts'

export interface UnificationEntry {
  id: string
  realmId: RealmId
  survivorId: UserId
  absorbedId: UserId
  createdAt: number
  undoneAt: number | undefined
}

export interface ConflictEntry {
  id: string
  appId: AppId
  openid: OpenId
  /** What WeChat says now. */
  unionid: UnionId
  userId: UserId
  /** Who holds that unionid, when somebody did. */
  holderId: UserId | undefined
  count: number
  firstSeenAt: number
  lastSeenAt: number
  decision: 'keep' | 'accept' | undefined
  decidedAt: number | undefined
}

/**
 * Why a unification cannot be undone: there is none of this id; it was undone; the survivor is deleted, and all
 * that it was with it; or a later unification that the survivor had a part in must be undone first.
 */
export type NotUndoable = { not: 'unknown' | 'undone' | 'user_gone' } | { not: 'later_first'; later: string }

export type Page = { after: string | undefined; limit: number }

/** What an operator puts right by hand. */
export interface Reconciliation {
  listUnifications(page: Page): Promise<UnificationEntry[]>
  /** What undoing would do, changing nothing. */
  previewUndo(id: string): Promise<UndoPlan | NotUndoable>
  /** Splits the two users again and pins the identities that the unionid had joined. */
  undo(input: { act: Act; id: string }): Promise<UndoPlan | NotUndoable>
  listConflicts(page: Page & { open: boolean }): Promise<ConflictEntry[]>
  /**
   * `keep` leaves everything as it is. `accept` lifts the pins of the identity's user and gives them the unionid that
   * WeChat now says; where another user holds it, the two are unified. Should the same conflict be seen again after an
   * `accept`, it is open again.
   */
  resolveConflict(input: {
    act: Act
    id: string
    decision: 'keep' | 'accept'
  }): Promise<'resolved' | 'unknown' | 'user_gone'>
}

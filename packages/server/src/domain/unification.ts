import type { AppId, OpenId, UnionId } from '@hufu/wechat/words'
import type { UserId } from './ids.ts'

/** Which identity, without saying whose. */
export interface IdentityName {
  appId: AppId
  openid: OpenId
}

/** One of two users as they were just before they became one. */
export interface Side {
  id: UserId
  status: 'active' | 'blocked'
  unionid: UnionId | undefined
  identities: IdentityName[]
  formerIds: UserId[]
}

/** What a unification writes down about itself, enough to undo it. */
export interface UnificationRecord {
  survivor: Side
  absorbed: Side
  /** The unionid that WeChat delivered and that made them one. */
  unionid: UnionId
  /** Whether an operator barred or unbarred the survivor since: that was meant for the whole of it. */
  decided: boolean
}

/** The survivor of a unification as it is today. */
export interface Survivor {
  status: 'active' | 'blocked'
  unionid: UnionId | undefined
  identities: IdentityName[]
  /** Those of whom WeChat says the unionid of today, as an operator accepted when it changed. */
  accepted: IdentityName[]
}

/** What undoing makes of each side. */
export interface UndoPlan {
  survivor: Side
  absorbed: Side
  /** Identities that the unionid must not bring back together. */
  pinned: IdentityName[]
}

/** A blocked person stays blocked whomever they turn out to be: no ban is shed by unifying. */
export const unifiedStatus = (one: Side['status'], other: Side['status']): Side['status'] =>
  one === 'blocked' || other === 'blocked' ? 'blocked' : 'active'

/**
 * Plans the undoing of a unification. Identities return to where they stood before; those that came later came by the
 * unionid and follow it. Should an operator have accepted another unionid since, it goes with those of whom WeChat says
 * it. Identities of the side that is left without today's unionid are pinned, or the next login would unify the two
 * again. Each side is barred as it was before, unless an operator has decided otherwise since.
 */
export function planUndo(record: UnificationRecord, today: Survivor): UndoPlan {
  const bearer = record.absorbed.unionid === record.unionid ? 'absorbed' : 'survivor'
  const other = opposite(bearer)
  const before = names(record[other].identities)
  const split = {
    [other]: today.identities.filter((identity) => before.has(nameOf(identity))),
    [bearer]: today.identities.filter((identity) => !before.has(nameOf(identity))),
  }
  const accepted = names(today.accepted)
  const isOf = (which: Which): boolean => split[which]?.some((identity) => accepted.has(nameOf(identity))) ?? false
  const heir = today.unionid !== record.unionid && isOf(other) && !isOf(bearer) ? other : bearer
  const side = (which: Which): Side => ({
    id: record[which].id,
    status: record.decided ? today.status : record[which].status,
    unionid: which === heir ? today.unionid : butNot(today.unionid, record[which].unionid),
    identities: split[which] ?? [],
    formerIds: record[which].formerIds,
  })
  return { survivor: side('survivor'), absorbed: side('absorbed'), pinned: split[opposite(heir)] ?? [] }
}

type Which = 'survivor' | 'absorbed'
const opposite = (which: Which): Which => (which === 'survivor' ? 'absorbed' : 'survivor')

/** A unionid has one user: the side that it does not go with loses it, even if that side held it before. */
const butNot = (taken: UnionId | undefined, held: UnionId | undefined): UnionId | undefined =>
  held === taken ? undefined : held

const names = (identities: IdentityName[]): Set<string> => new Set(identities.map(nameOf))
const nameOf = ({ appId, openid }: IdentityName): string => `${appId} ${openid}`

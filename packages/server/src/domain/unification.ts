import type { AppId, OpenId, UnionId } from '@hufu/wechat/words'
import type { UserId } from './ids.ts'

/** Which identity, without saying whose. */
export interface IdentityName {
  appId: AppId
  openId: OpenId
}

/** One of two users as they were just before they became one. */
export interface Side {
  id: UserId
  status: 'active' | 'blocked'
  unionId: UnionId | undefined
  identities: IdentityName[]
  formerIds: UserId[]
}

/** What a unification writes down about itself, enough to undo it. */
export interface UnificationRecord {
  survivor: Side
  absorbed: Side
  /** The unionid that WeChat delivered and that made them one. */
  unionId: UnionId
}

/** The survivor of a unification as it is today. */
export interface Survivor {
  status: 'active' | 'blocked'
  unionId: UnionId | undefined
  identities: IdentityName[]
}

/** What undoing makes of each side. */
export interface Undoing {
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
 * unionid and follow it. Identities of the side that did not hold the unionid are pinned, or the next login would unify
 * the two again. Each side is barred as it was before, unless an operator has decided otherwise since.
 */
export function planUndo(record: UnificationRecord, today: Survivor): Undoing {
  const holder = record.absorbed.unionId === record.unionId ? 'absorbed' : 'survivor'
  const other = holder === 'absorbed' ? 'survivor' : 'absorbed'
  const before = new Set(record[other].identities.map(nameOf))
  const split = {
    [other]: today.identities.filter((identity) => before.has(nameOf(identity))),
    [holder]: today.identities.filter((identity) => !before.has(nameOf(identity))),
  }
  const side = (which: 'survivor' | 'absorbed'): Side => ({
    id: record[which].id,
    status: statusAfter(record, today, which),
    unionId: which === holder ? today.unionId : record[which].unionId,
    identities: split[which] ?? [],
    formerIds: record[which].formerIds,
  })
  return { survivor: side('survivor'), absorbed: side('absorbed'), pinned: split[other] ?? [] }
}

function statusAfter(record: UnificationRecord, today: Survivor, which: 'survivor' | 'absorbed'): Side['status'] {
  const blockedThen = unifiedStatus(record.survivor.status, record.absorbed.status) === 'blocked'
  return today.status === 'blocked' && blockedThen ? record[which].status : today.status
}

const nameOf = ({ appId, openId }: IdentityName): string => `${appId} ${openId}`

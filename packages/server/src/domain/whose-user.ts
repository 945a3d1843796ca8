import type { UnionId } from '@hufu/wechat/words'
import type { UserId } from './ids.ts'

/** A user as far as the rule must know. `unionid` is the one Hufu holds for them in this realm. */
export interface Candidate {
  id: UserId
  createdAt: number
  unionid: UnionId | undefined
}

export interface Found {
  /** The user of (app, openid), and whether an operator pinned that identity. */
  byOpenid: (Candidate & { pinned: boolean }) | undefined
  /** The user of (realm, unionid). */
  byUnionid: Candidate | undefined
  /** What WeChat said in this very login; nothing else may unify people. */
  unionid: UnionId | undefined
}

export type Decision =
  | { kind: 'create' } // nobody we know
  | { kind: 'sign-in'; userId: UserId; attach?: UnionId } // known in this app; a unionid may have arrived late
  | { kind: 'link'; userId: UserId } // known person, first visit to this app
  | { kind: 'unify'; survivorId: UserId; absorbedId: UserId } // one person had two users
  | { kind: 'conflict'; userId: UserId; holderId: UserId | undefined } // WeChat now says another unionid: keep, report

/**
 * Whose user is this? A store looks up, asks this, and applies the answer, all in one transaction; this only decides.
 * It returns for every input and never throws, and the order in which one person's logins arrive does not change which
 * identities end up together.
 */
export function whoseUser({ byOpenid, byUnionid, unionid }: Found): Decision {
  if (!byOpenid) return byUnionid ? { kind: 'link', userId: byUnionid.id } : { kind: 'create' }
  if (!unionid || byOpenid.unionid === unionid) return { kind: 'sign-in', userId: byOpenid.id }
  if (byOpenid.unionid || byOpenid.pinned) return { kind: 'conflict', userId: byOpenid.id, holderId: byUnionid?.id }
  if (!byUnionid) return { kind: 'sign-in', userId: byOpenid.id, attach: unionid }
  return { kind: 'unify', ...elderFirst(byOpenid, byUnionid) }
}

/** The older user survives a unification: by creation, then by id, so that every machine picks the same one. */
export function elderFirst(one: Candidate, other: Candidate): { survivorId: UserId; absorbedId: UserId } {
  const oneIsElder = one.createdAt < other.createdAt || (one.createdAt === other.createdAt && one.id < other.id)
  return oneIsElder ? { survivorId: one.id, absorbedId: other.id } : { survivorId: other.id, absorbedId: one.id }
}

import type { UnionId } from '@hufu/wechat/words'
import type { UserId } from './ids.ts'

/** A user as far as the rule must know. `unionId` is the one Hufu holds for them in this realm. */
export interface Candidate {
  id: UserId
  createdAt: number
  unionId: UnionId | undefined
}

export interface Found {
  /** The user of (app, openid), and whether an operator pinned that identity. */
  byOpenId: (Candidate & { pinned: boolean }) | undefined
  /** The user of (realm, unionid). */
  byUnionId: Candidate | undefined
  /** What WeChat said in this very login; nothing else may unify people. */
  unionId: UnionId | undefined
}

export type Decision =
  | { kind: 'create' } // nobody we know
  | { kind: 'sign-in'; user: UserId; attach?: UnionId } // known in this app; a unionid may have arrived late
  | { kind: 'link'; user: UserId } // known person, first visit to this app
  | { kind: 'unify'; survivor: UserId; absorbed: UserId } // one person had two users
  | { kind: 'conflict'; user: UserId; holder: UserId | undefined } // WeChat now says another unionid: keep, report

/**
 * Whose user is this? A store looks up, asks this, and applies the answer, all in one transaction; this only decides.
 * It returns for every input and never throws, and the order in which one person's logins arrive does not change which
 * identities end up together.
 */
export function whoseUser({ byOpenId, byUnionId, unionId }: Found): Decision {
  if (!byOpenId) return byUnionId ? { kind: 'link', user: byUnionId.id } : { kind: 'create' }
  if (!unionId || byOpenId.unionId === unionId) return { kind: 'sign-in', user: byOpenId.id }
  if (byOpenId.unionId || byOpenId.pinned) return { kind: 'conflict', user: byOpenId.id, holder: byUnionId?.id }
  if (!byUnionId) return { kind: 'sign-in', user: byOpenId.id, attach: unionId }
  return { kind: 'unify', ...elderFirst(byOpenId, byUnionId) }
}

/** The older user survives a unification: by creation, then by id, so that every machine picks the same one. */
export function elderFirst(one: Candidate, other: Candidate): { survivor: UserId; absorbed: UserId } {
  const oneIsElder = one.createdAt < other.createdAt || (one.createdAt === other.createdAt && one.id < other.id)
  return oneIsElder ? { survivor: one.id, absorbed: other.id } : { survivor: other.id, absorbed: one.id }
}

import type { RealmId, UserId } from '../../../domain/ids.ts'
import type { User, UserStatus } from '../../../domain/user.ts'
import type { Candidate } from '../../../domain/whose-user.ts'
import type { SessionOwner } from '../../../ports/sessions.ts'
import { fragment, type Row } from '../sql.ts'
import { number, oneOf, optional, realmId, text, unionid, userId } from './columns.ts'

export const userStatus = oneOf<UserStatus>('user status', {
  active: true,
  blocked: true,
  unified: true,
  deleted: true,
})

/** What a login must know of a user `u`. */
export const CANDIDATE = fragment`u.id, u.realm_id, u.status, u.created_at, u.unionid`

export type StoredCandidate = Candidate & { realmId: RealmId; status: UserStatus }

export const candidateRow = (found: Row): StoredCandidate => ({
  id: userId(found.id),
  realmId: realmId(found.realm_id),
  status: userStatus(found.status),
  createdAt: number(found.created_at),
  unionid: optional(unionid, found.unionid),
})

export const userRow = (found: Row, formerIds: UserId[]): User => ({ ...candidateRow(found), formerIds })

/** A session's owner `u`, as one statement tells it together with whatever else it is asked. */
export const OWNER = fragment`u.id AS owner_id, u.status, u.unionid,
  (SELECT string_agg(f.id, ' ' ORDER BY f.created_at, f.id) FROM users f WHERE f.survivor_id = u.id) AS former_ids`

export const ownerRow = (found: Row): SessionOwner => ({
  id: userId(found.owner_id),
  status: userStatus(found.status),
  formerIds: formerIdsColumn(found),
  unionid: optional(unionid, found.unionid),
})

/** Ids in one column, parted by spaces; NULL for none. */
export const formerIdsColumn = ({ former_ids }: Row): UserId[] =>
  (optional(text, former_ids)?.split(' ') ?? []) as UserId[]

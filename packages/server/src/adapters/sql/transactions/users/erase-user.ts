import type { Act } from '../../../../domain/act.ts'
import { erasureHash, type Named } from '../../../../domain/erasure.ts'
import type { UserId } from '../../../../domain/ids.ts'
import { optional, text } from '../../rows/columns.ts'
import { all, one, run, type Statements, sql } from '../../sql.ts'
import { audit, writeOutboxEvent } from '../events/write-events.ts'
import { eraseRecords } from '../reconciliation/records.ts'
import { LIVE_AND_PAST } from '../sessions/live-and-past.ts'

/** Detaches and forgets a user: what is left is an id that nobody gets again, and hashes by which backups are cleaned. */
export function* eraseUser(act: Act, userId: UserId): Statements<void> {
  yield* rememberErasure(act.now, userId)
  yield* run(sql`UPDATE users SET status = 'deleted', unionid = NULL WHERE id = ${userId}`)
  yield* run(sql`DELETE FROM identities WHERE user_id = ${userId}`)
  for (const half of LIVE_AND_PAST) {
    yield* run(sql`
      DELETE FROM login_codes WHERE (created_at, session_id) IN
        (SELECT created_at, id FROM sessions WHERE user_id = ${userId} AND ${half})`)
    yield* run(sql`DELETE FROM sessions WHERE user_id = ${userId} AND ${half}`)
  }
  yield* run(sql`UPDATE conflicts SET holder_id = NULL WHERE holder_id = ${userId}`)
  yield* run(sql`DELETE FROM conflicts WHERE user_id = ${userId}`)
  yield* eraseRecords(userId)
  yield* audit(act, { kind: 'user_deleted', outcome: 'ok', userId })
  yield* writeOutboxEvent(act, 'user.deleted', userId)
}

function* rememberErasure(at: number, userId: UserId): Statements<void> {
  const key = optional(text, (yield* one(sql`SELECT value FROM settings WHERE name = 'erasure-key'`))?.value)
  if (key === undefined) return // made at the first start: nobody was here before
  const users = yield* all(sql`SELECT id, realm_id, unionid FROM users WHERE id = ${userId} OR survivor_id = ${userId}`)
  const identities = yield* all(sql`SELECT app_id, openid FROM identities WHERE user_id = ${userId}`)
  const named: Named[] = [
    ...users.map(({ id }) => ({ userId: text(id) })),
    ...users.flatMap(({ realm_id, unionid }) =>
      unionid === null ? [] : [{ realmId: text(realm_id), unionid: text(unionid) }],
    ),
    ...identities.map(({ app_id, openid }) => ({ appId: text(app_id), openid: text(openid) })),
  ]
  for (const one of named) yield* keepErasure({ at, hash: erasureHash(key, one) })
}

/** Of one name the latest erasure counts: who came back since then is not who was erased. */
export function* keepErasure({ at, hash }: { at: number; hash: string }): Statements<void> {
  yield* run(sql`
    INSERT INTO erasures (hash, at) VALUES (${hash}, ${at})
    ON CONFLICT (hash) DO UPDATE SET at = excluded.at WHERE erasures.at < excluded.at`)
}

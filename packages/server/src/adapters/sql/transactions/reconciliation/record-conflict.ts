import type { Decision } from '../../../../domain/whose-user.ts'
import type { LoginFacts } from '../../../../ports/logins.ts'
import { one, type Statements, sql } from '../../sql.ts'
import { audit } from '../events/write-events.ts'

type Conflict = Extract<Decision, { kind: 'conflict' }>

/**
 * One row per (app, openid, new unionid) however often it is seen; the first sight is an audit event. What an operator
 * decided to keep stays decided; what was accepted and is seen again was not settled by it, and waits once more.
 */
export function* recordConflict(
  { act, appId, openid, unionid, session }: LoginFacts,
  { userId, holderId }: Conflict,
): Statements<void> {
  const id = `cfl_${session.id.slice(4)}`
  const recorded = yield* one(sql`
    INSERT INTO conflicts (id, app_id, openid, unionid, user_id, holder_id, count, first_seen_at, last_seen_at)
    VALUES (${id}, ${appId}, ${openid}, ${unionid}, ${userId}, ${holderId}, 1, ${act.now}, ${act.now})
    ON CONFLICT (app_id, openid, unionid) DO UPDATE SET
      count = conflicts.count + 1, user_id = excluded.user_id, holder_id = excluded.holder_id,
      last_seen_at = excluded.last_seen_at,
      decision = CASE conflicts.decision WHEN 'keep' THEN 'keep' END,
      decided_at = CASE conflicts.decision WHEN 'keep' THEN conflicts.decided_at END
    RETURNING count`)
  if (recorded?.count !== 1) return
  yield* audit(act, { kind: 'conflict_recorded', outcome: 'ok', userId, appId, detail: { conflict: id } })
}

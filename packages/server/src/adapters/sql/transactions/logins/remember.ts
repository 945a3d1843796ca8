import type { UserId } from '../../../../domain/ids.ts'
import { SESSIONS_PER_APP } from '../../../../domain/session.ts'
import type { LoginFacts } from '../../../../ports/logins.ts'
import { run, type Statements, sql } from '../../sql.ts'

/** What a login leaves of itself: the identity with its session key, the session, and what its code led to. */

export function* rememberIdentity(facts: LoginFacts, isKnown: boolean, user: UserId): Statements<void> {
  const { appId, openid, sealedSessionKey: sealed } = facts
  const { now } = facts.act
  if (!isKnown) {
    yield* run(sql`
      INSERT INTO identities (app_id, openid, user_id, first_seen_at, last_seen_at, session_key_sealed, session_key_at)
      VALUES (${appId}, ${openid}, ${user}, ${now}, ${now}, ${sealed}, ${sealed ? now : null})`)
  } else if (sealed) {
    yield* run(sql`
      UPDATE identities SET last_seen_at = ${now}, session_key_sealed = ${sealed}, session_key_at = ${now}
      WHERE app_id = ${appId} AND openid = ${openid}`)
  } else {
    yield* run(sql`UPDATE identities SET last_seen_at = ${now} WHERE app_id = ${appId} AND openid = ${openid}`)
  }
}

export function* startSession({ act, appId, openid, method, session }: LoginFacts, user: UserId): Statements<void> {
  // Ids sort by time: of the sessions there are, the newest nine stay beside this one, and the oldest live ones end.
  yield* run(sql`
    UPDATE sessions SET ended = 'crowded_out' WHERE id IN (
      SELECT id FROM sessions
      WHERE user_id = ${user} AND app_id = ${appId} AND ended IS NULL
        AND last_used_at > ${session.idleSince} AND created_at > ${session.startedSince}
      ORDER BY id DESC LIMIT 1000 OFFSET ${SESSIONS_PER_APP - 1})`)
  const { id, step } = session
  const { now } = act
  const cloudKeyId = method.name === 'cloud-function' ? method.cloudKeyId : null
  yield* run(sql`
    INSERT INTO sessions (id, user_id, app_id, openid, created_at, last_used_at, generation, key_number, salt, rotated_at,
      cloud_key_id)
    VALUES (${id}, ${user}, ${appId}, ${openid}, ${now}, ${now}, ${step.generation}, ${step.keyNumber}, ${step.salt}, ${now},
      ${cloudKeyId})`)
}

export function* rememberCode(
  { act, appId, code, session }: LoginFacts,
  { isNew, hasSession }: { isNew: boolean; hasSession: boolean },
): Statements<void> {
  if (!code) return
  // A development code may come twice; the first login that a real code led to is the one it is remembered by.
  yield* run(sql`
    INSERT INTO login_codes (app_id, code_hash, nonce_hash, session_id, is_new, created_at)
    VALUES (${appId}, ${code.hash}, ${code.nonceHash}, ${hasSession ? session.id : null}, ${isNew ? 1 : 0}, ${act.now})
    ON CONFLICT DO NOTHING`)
}

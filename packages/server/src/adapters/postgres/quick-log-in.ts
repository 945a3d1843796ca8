import type { UnionId } from '@hufu/wechat/words'
import type { ClientBase } from 'pg'
import type { UserId } from '../../domain/ids.ts'
import { SESSIONS_PER_APP } from '../../domain/session.ts'
import type { LoginFacts, LoginOutcome } from '../../ports/logins.ts'
import { optional, type Row, text, type Value } from '../sql/script.ts'
import { databaseError } from './trouble.ts'

/*
 * The login of somebody known, whole, in one statement and so in one round trip and one commit: the identity is there, its
 * user is active, and WeChat said the unionid that we hold, or none. It writes to the letter what the script `logIn`
 * writes for them; for everybody else it writes nothing and returns no row.
 *
 * All parts of a statement see the database as it was when the statement began. So the two rows that everything hangs on
 * are looked at as of then (`seen`) and held as they are now (`known`), and unless they are the same version (`xmin`)
 * nothing follows: a login, unification, block or deletion that was committed in between, whose sessions and former ids
 * this statement cannot see, leads to the script. So does one under way, which SKIP LOCKED does not wait for.
 */
const QUICK_LOGIN = `
WITH seen AS MATERIALIZED (
  SELECT i.xmin AS identity_version, u.xmin AS user_version, u.id AS user_id
  FROM identities i JOIN users u ON u.id = i.user_id
  WHERE i.app_id = $1 AND i.open_id = $2 AND u.status = 'active' AND u.realm_id = $3
    AND ($4::text IS NULL OR u.union_id = $4)
), known AS MATERIALIZED (
  SELECT u.id, u.union_id
  FROM seen
    JOIN users u ON u.id = seen.user_id AND u.xmin = seen.user_version
    JOIN identities i ON i.app_id = $1 AND i.open_id = $2 AND i.xmin = seen.identity_version
  FOR NO KEY UPDATE OF u, i SKIP LOCKED
), remembered_identity AS (
  UPDATE identities i SET last_seen_at = $5,
    session_key_sealed = COALESCE($6::bytea, i.session_key_sealed),
    session_key_at = CASE WHEN $6::bytea IS NULL THEN i.session_key_at ELSE $5 END
  FROM known WHERE i.app_id = $1 AND i.open_id = $2
), crowded_out AS (
  UPDATE sessions SET ended = 'crowded_out' WHERE id IN (
    SELECT s.id FROM sessions s JOIN known ON s.user_id = known.id
    WHERE s.app_id = $1 AND s.ended IS NULL AND s.last_used_at > $7 AND s.created_at > $8
    ORDER BY s.id DESC LIMIT 1000 OFFSET ${SESSIONS_PER_APP - 1})
), started_session AS (
  INSERT INTO sessions (id, user_id, app_id, open_id, created_at, last_used_at, generation, key_number, salt, rotated_at)
  SELECT $9, known.id, $1, $2, $5, $5, $10::bigint, $11::bigint, $12::bytea, $5 FROM known
), remembered_code AS (
  INSERT INTO login_codes (app_id, code_hash, nonce_hash, session_id, is_new, created_at)
  SELECT $1, $13::bytea, $14::bytea, $9, 0, $5 FROM known WHERE $13::bytea IS NOT NULL
  ON CONFLICT DO NOTHING
), audited AS (
  INSERT INTO audit_events (at, kind, actor, user_id, app_id, session_id, outcome, request_id, detail)
  SELECT $5, 'login', $15, known.id, $1, $9, 'ok', $16, $17 FROM known
)
SELECT known.id, known.union_id, former.ids AS former_ids
FROM known, LATERAL (
  SELECT string_agg(id, ' ' ORDER BY created_at, id) AS ids FROM users WHERE survivor_id = known.id
) AS former`

/** @returns undefined where the script must be asked: nothing was written. */
export async function quickLogIn(
  client: Pick<ClientBase, 'query'>,
  facts: LoginFacts,
): Promise<LoginOutcome | undefined> {
  try {
    const { rows } = await client.query<Row>({ name: 'hufu-quick-login', text: QUICK_LOGIN, values: valuesOf(facts) })
    return rows[0] && outcomeOf(rows[0])
  } catch (error) {
    throw databaseError(error)
  }
}

function valuesOf({
  act,
  appId,
  openid,
  realmId,
  unionid,
  sealedSessionKey,
  session,
  code,
  method,
}: LoginFacts): Value[] {
  return [
    appId,
    openid,
    realmId,
    unionid ?? null,
    act.now,
    sealedSessionKey ?? null,
    session.idleSince,
    session.startedSince,
    session.id,
    session.step.generation,
    session.step.keyNumber,
    session.step.salt,
    code?.hash ?? null,
    code?.nonceHash ?? null,
    act.actor,
    act.requestId,
    JSON.stringify({ decision: 'sign-in', method: method.name }),
  ]
}

const outcomeOf = (found: Row): LoginOutcome => ({
  decision: 'sign-in',
  user: {
    id: text(found.id) as UserId,
    status: 'active',
    formerIds: (optional(text, found.former_ids)?.split(' ') ?? []) as UserId[],
    unionid: optional(text, found.union_id) as UnionId | undefined,
  },
  hasSession: true,
})

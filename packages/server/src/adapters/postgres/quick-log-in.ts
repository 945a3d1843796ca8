import type { ClientBase } from 'pg'
import type { LoginMethodName } from '../../domain/login-method.ts'
import { SESSIONS_PER_APP } from '../../domain/session.ts'
import type { LoginFacts, LoginOutcome } from '../../ports/logins.ts'
import { ownerRow } from '../sql/rows/user.ts'
import type { Row, Value } from '../sql/sql.ts'
import { byName } from './by-name.ts'
import { databaseError } from './trouble.ts'

/*
 * The login of somebody known, whole, in one statement and so in one round trip and one commit: the identity is there, its
 * user is active, and WeChat said the unionid that we hold, or none. It writes to the letter what the transaction
 * `logins.commit` writes for them; for everybody else it writes nothing and returns no row (docs/decisions/0009).
 *
 * All parts of a statement see the database as it was when the statement began. So the two rows that everything hangs on
 * are looked at as of then (`seen`) and held as they are now (`known`), and unless they are the same version (`xmin`)
 * nothing follows: a login, unification, block or deletion that was committed in between, whose sessions and former ids
 * this statement cannot see, leads to that transaction. So does one under way, which SKIP LOCKED does not wait for.
 */
const QUICK_LOGIN = byName<ReturnType<typeof valuesOf>>`
WITH seen AS MATERIALIZED (
  SELECT i.xmin AS identity_version, u.xmin AS user_version, u.id AS user_id
  FROM identities i JOIN users u ON u.id = i.user_id
  WHERE i.app_id = ${'appId'} AND i.openid = ${'openid'} AND u.status = 'active' AND u.realm_id = ${'realmId'}
    AND (${'unionid'}::text IS NULL OR u.unionid = ${'unionid'})
), known AS MATERIALIZED (
  SELECT u.id, u.status, u.unionid
  FROM seen
    JOIN users u ON u.id = seen.user_id AND u.xmin = seen.user_version
    JOIN identities i ON i.app_id = ${'appId'} AND i.openid = ${'openid'} AND i.xmin = seen.identity_version
  FOR NO KEY UPDATE OF u, i SKIP LOCKED
), remembered_identity AS (
  UPDATE identities i SET last_seen_at = ${'now'},
    session_key_sealed = COALESCE(${'sealed'}::bytea, i.session_key_sealed),
    session_key_at = CASE WHEN ${'sealed'}::bytea IS NULL THEN i.session_key_at ELSE ${'now'} END
  FROM known WHERE i.app_id = ${'appId'} AND i.openid = ${'openid'}
), crowded_out AS (
  UPDATE sessions SET ended = 'crowded_out' WHERE id IN (
    SELECT s.id FROM sessions s JOIN known ON s.user_id = known.id
    WHERE s.app_id = ${'appId'} AND s.ended IS NULL AND s.last_used_at > ${'idleSince'} AND s.created_at > ${'startedSince'}
    ORDER BY s.id DESC LIMIT 1000 OFFSET ${SESSIONS_PER_APP - 1})
), started_session AS (
  INSERT INTO sessions (id, user_id, app_id, openid, created_at, last_used_at, generation, key_number, salt, rotated_at)
  SELECT ${'sessionId'}, known.id, ${'appId'}, ${'openid'}, ${'now'}, ${'now'}, ${'generation'}::bigint, ${'keyNumber'}::bigint,
    ${'salt'}::bytea, ${'now'} FROM known
), remembered_code AS (
  INSERT INTO login_codes (app_id, code_hash, nonce_hash, session_id, is_new, created_at)
  SELECT ${'appId'}, ${'codeHash'}::bytea, ${'nonceHash'}::bytea, ${'sessionId'}, 0, ${'now'}
  FROM known WHERE ${'codeHash'}::bytea IS NOT NULL
  ON CONFLICT DO NOTHING
), audited AS (
  INSERT INTO audit_events (at, kind, actor, user_id, app_id, session_id, outcome, request_id, detail)
  SELECT ${'now'}, 'login', ${'actor'}, known.id, ${'appId'}, ${'sessionId'}, 'ok', ${'requestId'}, ${'detail'} FROM known
)
SELECT known.id AS owner_id, known.status, known.unionid, former.ids AS former_ids
FROM known, LATERAL (
  SELECT string_agg(id, ' ' ORDER BY created_at, id) AS ids FROM users WHERE survivor_id = known.id
) AS former`

/** Whether the statement writes all that a login of this method writes. A method of which it does not must be `false`. */
const WRITES_ALL_OF: Record<LoginMethodName, boolean> = {
  code: true, // besides the login itself there is the code to remember, and it does
  'cloud-function': false, // spends an assertion, whose key must be held before the user is
  'cloud-run': true, // there is nothing besides the login itself
}

/** @returns undefined where the transaction must be asked: nothing was written. */
export async function quickLogIn(
  client: Pick<ClientBase, 'query'>,
  facts: LoginFacts,
): Promise<LoginOutcome | undefined> {
  if (!mayLogInQuickly(facts)) return undefined
  try {
    const { rows } = await client.query<Row>({
      name: 'hufu-quick-login',
      text: QUICK_LOGIN.text,
      values: QUICK_LOGIN.inOrder(valuesOf(facts)),
    })
    return rows[0] && outcomeOf(rows[0])
  } catch (error) {
    throw databaseError(error)
  }
}

/** Known before a connection is taken for it. */
export const mayLogInQuickly = ({ method }: LoginFacts): boolean => WRITES_ALL_OF[method.name]

function valuesOf({ act, appId, openid, realmId, unionid, sealedSessionKey, session, code, method }: LoginFacts) {
  return {
    appId,
    openid,
    realmId,
    unionid,
    now: act.now,
    sealed: sealedSessionKey,
    idleSince: session.idleSince,
    startedSince: session.startedSince,
    sessionId: session.id,
    generation: session.step.generation,
    keyNumber: session.step.keyNumber,
    salt: session.step.salt,
    codeHash: code?.hash,
    nonceHash: code?.nonceHash,
    actor: act.actor,
    requestId: act.requestId,
    detail: JSON.stringify({ decision: 'sign-in', method: method.name }),
  } satisfies Record<string, Value | undefined>
}

const outcomeOf = (found: Row): LoginOutcome => ({ decision: 'sign-in', user: ownerRow(found), hasSession: true })

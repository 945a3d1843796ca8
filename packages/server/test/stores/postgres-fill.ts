import { RIVAL } from './store-fixture.ts'

/** Many enough that reading all of them costs more than an index. */
const ROWS = 20_000

/** So late that no sweep takes them for old, with ids and names that stand behind those of tests. */
const AT = `(2000000000000 + i)`
const user = (number: string): string => `'usr_z' || ${number}`

/** Rows for every table that grows, and what the planner is to know of them. */
export const FILL_POSTGRES = `
  INSERT INTO realms VALUES ('default', 'default', 1);
  INSERT INTO apps VALUES ('${RIVAL}', 'default', 'miniprogram', '', '', '[]', 1);
  ${[
    `users (id, realm_id, status, created_at, unionid)
     SELECT ${user('i')}, 'default', 'active', ${AT}, CASE WHEN i % 2 = 0 THEN 'u_z' || i END`,
    `users (id, realm_id, status, created_at, survivor_id)
     SELECT ${user(`(i + ${ROWS})`)}, 'default', 'unified', ${AT}, ${user('i')}`,
    `identities (app_id, openid, user_id, first_seen_at, last_seen_at, session_key_at)
     SELECT '${RIVAL}', 'z_' || i, ${user('i')}, ${AT}, ${AT}, ${AT}`,
    `sessions (id, user_id, app_id, openid, created_at, last_used_at, generation, key_number, salt, rotated_at, ended)
     SELECT 'ses_z' || i, ${user('i')}, '${RIVAL}', 'z_' || i, ${AT}, ${AT}, 0, 1, '', ${AT},
       CASE WHEN i % 2 = 0 THEN 'logout' END`,
    `login_codes (app_id, code_hash, session_id, is_new, created_at)
     SELECT '${RIVAL}', sha256(i::text::bytea), 'ses_z' || i, 0, ${AT}`,
    `spent_assertions SELECT 'ck_z', 'jti_z' || i, ${AT}`,
    `audit_events (at, kind, actor, user_id, outcome)
     SELECT ${AT}, CASE WHEN i % 50 = 0 THEN 'user_blocked' ELSE 'login' END, 'system', ${user('i')}, 'ok'`,
    `outbox (at, kind, user_id, detail) SELECT ${AT}, 'user.created', ${user('i')}, '{}'`,
    `unifications SELECT 'uni_z' || i, 'default', ${user('i')}, ${user(`(i + ${ROWS})`)}, '{}', ${AT}`,
    `conflicts (id, app_id, openid, unionid, user_id, holder_id, count, first_seen_at, last_seen_at)
     SELECT 'cfl_z' || i, '${RIVAL}', 'z_' || i, 'u_y' || i, ${user('i')}, ${user(`(${ROWS} - i + 1)`)}, 1, ${AT}, ${AT}`,
  ]
    .map((rows) => `INSERT INTO ${rows} FROM generate_series(1, ${ROWS}) AS i;`)
    .join('\n')}
  ANALYZE`

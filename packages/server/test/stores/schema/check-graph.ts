import assert from 'node:assert/strict'
import type { OpenTables } from '../store-fixture.ts'

/**
 * What must hold of every database at every moment, asked of the tables themselves and not through our code: the
 * invariants I1 to I6 of the identity graph.
 */
export async function checkGraph({ select }: Pick<OpenTables, 'select'>): Promise<void> {
  const none = async (what: string, sql: string): Promise<void> => assert.deepEqual(await select(sql), [], what)
  await none(
    'I1 one user per openid',
    'SELECT app_id, openid FROM identities GROUP BY app_id, openid HAVING COUNT(*) > 1',
  )
  await none(
    'I2 one living user per unionid',
    'SELECT realm_id, unionid FROM users WHERE unionid IS NOT NULL GROUP BY realm_id, unionid HAVING COUNT(*) > 1',
  )
  await none(
    'I3 nobody stands in two realms',
    `SELECT i.app_id, i.openid FROM identities i JOIN users u ON u.id = i.user_id JOIN apps a ON a.id = i.app_id
     WHERE a.realm_id <> u.realm_id`,
  )
  await none(
    'I5 a tombstone points straight at a user who is no tombstone',
    "SELECT t.id FROM users t JOIN users s ON s.id = t.survivor_id WHERE s.status = 'unified' OR t.status <> 'unified'",
  )
  await none(
    'I6 a session belongs to the user of its identity',
    `SELECT s.id FROM sessions s LEFT JOIN identities i ON i.app_id = s.app_id AND i.openid = s.openid
     WHERE i.user_id IS NULL OR i.user_id <> s.user_id`,
  )
  await none(
    'identities belong to the living',
    `SELECT i.app_id, i.openid FROM identities i JOIN users u ON u.id = i.user_id
     WHERE u.status NOT IN ('active', 'blocked')`,
  )
  await none(
    'T11 nobody barred has a live session',
    "SELECT s.id FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.ended IS NULL AND u.status <> 'active'",
  )
}

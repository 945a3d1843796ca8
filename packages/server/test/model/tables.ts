import assert from 'node:assert/strict'
import { newId } from '../../src/domain/ids.ts'
import type { Row, Stage } from './stage.ts'

/** What the tables hold about some apps and those who were born within some time, told by SELECTs of our own. */
export interface Tables {
  users: Row[]
  identities: Row[]
  sessions: Row[]
  conflicts: Row[]
  unifications: Row[]
  /** What was written down and told since the tables were last looked at. */
  audit: Row[]
  outbox: Row[]
}

export interface Window {
  apps: readonly string[]
  /** Milliseconds: everything in the window has an id made in `[from, until)`. */
  from: number
  until: number
}

export async function readTables(
  stage: Stage,
  { apps, from, until }: Window,
  since: { audit: number; outbox: number },
): Promise<Tables> {
  // Ids begin with their time, so that a range of them is a range of time: only rows of the window are touched.
  const [first, last] = [from, until].map((at) => newId('usr', at).slice(3, 14))
  const range = (prefix: string): [string, string] => [`${prefix}${first}`, `${prefix}${last}`]
  const [users, identities, sessions, conflicts, unifications, audit, outbox] = await stage.look(
    [
      'SELECT id, realm_id, status, created_at, unionid, survivor_id FROM users WHERE id >= ? AND id < ? ORDER BY id',
      ...range('usr'),
    ],
    [
      `SELECT i.app_id, i.openid, i.user_id, i.pinned, a.realm_id FROM identities i JOIN apps a ON a.id = i.app_id
       WHERE i.app_id IN (${apps.map(() => '?').join(', ')}) ORDER BY i.app_id, i.openid`,
      ...apps,
    ],
    ['SELECT id, user_id, app_id, openid, ended FROM sessions WHERE id >= ? AND id < ? ORDER BY id', ...range('ses')],
    [
      'SELECT id, app_id, openid, unionid, user_id, holder_id, count, decision FROM conflicts WHERE id >= ? AND id < ?',
      ...range('cfl'),
    ],
    [
      'SELECT id, survivor_id, absorbed_id, detail, undone_at FROM unifications WHERE id >= ? AND id < ?',
      ...range('uni'),
    ],
    ['SELECT seq, kind, user_id, request_id FROM audit_events WHERE seq > ? ORDER BY seq', since.audit],
    ['SELECT seq, kind, user_id, detail FROM outbox WHERE seq > ? ORDER BY seq', since.outbox],
  )
  if (!users || !identities || !sessions || !conflicts || !unifications || !audit || !outbox) throw new TypeError()
  return { users, identities, sessions, conflicts, unifications, audit, outbox }
}

/** I1–I3, I5, I6 and I8 as far as one look at the tables can tell. */
export function checkTables({ users, identities, sessions, conflicts, unifications }: Tables): void {
  const byId = new Map(users.map((user) => [user.id, user]))
  const isLive = (user: Row | undefined): boolean => user?.status === 'active' || user?.status === 'blocked'
  const home = new Map(identities.map((one) => [`${one.app_id} ${one.openid}`, one]))
  const housed = new Set(identities.map(({ user_id }) => user_id))

  assert.equal(home.size, identities.length, 'I1: an identity stands twice')
  const persons = users.filter((user) => user.unionid !== null).map((user) => `${user.realm_id} ${user.unionid}`)
  assert.equal(new Set(persons).size, persons.length, 'I2: a unionid has two users')
  for (const user of users) {
    if (user.status === 'unified') {
      const survivor = byId.get(user.survivor_id)
      assert.ok(isLive(survivor) || survivor?.status === 'deleted', 'I5: a tombstone leads nowhere, or not at once')
    } else assert.equal(user.survivor_id, null, 'I5: a user who is there points elsewhere')
    if (!isLive(user)) assert.equal(user.unionid, null, 'I2, I8: a unionid of somebody who is gone')
    assert.equal(housed.has(user.id), isLive(user), 'I8: a live user without identities, or the other way round')
  }
  for (const one of identities) {
    const owner = byId.get(one.user_id)
    assert.ok(owner && owner.realm_id === one.realm_id, 'I3: an identity of another realm')
  }
  for (const session of sessions) {
    const identity = home.get(`${session.app_id} ${session.openid}`)
    assert.ok(identity && identity.user_id === session.user_id, 'I6: a session and its identity have different users')
    const owner = byId.get(session.user_id)
    if (session.ended === null) assert.equal(owner?.status, 'active', 'T11: a live session of somebody barred')
  }
  for (const conflict of conflicts) {
    const identity = home.get(`${conflict.app_id} ${conflict.openid}`)
    assert.ok(identity && identity.user_id === conflict.user_id, 'a conflict is told of the wrong user')
    assert.ok(conflict.holder_id === null || byId.has(conflict.holder_id), 'a conflict names a holder who never was')
  }
  const openids = new Set(identities.map(({ openid }) => openid))
  for (const one of unifications) {
    for (const [, named] of String(one.detail).matchAll(/"openid":"([^"]*)"/g)) {
      assert.ok(openids.has(named), 'T40: the record of a unification names an openid that was erased')
    }
  }
}

/** The same for a whole database, asked of the database itself. */
export async function checkWhole(stage: Stage): Promise<void> {
  const none = async (what: string, sql: string): Promise<void> => assert.deepEqual(await stage.rows(sql), [], what)
  await none('I1', 'SELECT app_id, openid FROM identities GROUP BY app_id, openid HAVING COUNT(*) > 1')
  await none(
    'I2',
    `SELECT realm_id, unionid FROM users WHERE unionid IS NOT NULL AND status IN ('active', 'blocked')
     GROUP BY realm_id, unionid HAVING COUNT(*) > 1`,
  )
  await none(
    'I5',
    `SELECT t.id FROM users t LEFT JOIN users s ON s.id = t.survivor_id
     WHERE t.status = 'unified' AND (s.id IS NULL OR s.status = 'unified')`,
  )
  await none(
    'I6',
    `SELECT s.id FROM sessions s LEFT JOIN identities i ON i.app_id = s.app_id AND i.openid = s.openid
     WHERE i.user_id IS NULL OR i.user_id <> s.user_id`,
  )
  await none(
    'I8',
    `SELECT u.id FROM users u WHERE u.status IN ('unified', 'deleted') AND
       (u.unionid IS NOT NULL OR EXISTS (SELECT 1 FROM identities i WHERE i.user_id = u.id))`,
  )
  await none(
    'realms never meet',
    `SELECT i.openid FROM identities i JOIN apps a ON a.id = i.app_id JOIN users u ON u.id = i.user_id
     WHERE a.realm_id <> u.realm_id`,
  )
}

import assert from 'node:assert/strict'
import { checkGraph } from '../stores/schema/check-graph.ts'
import type { Row, StoreFixture } from './store-fixture.ts'
import type { Tables } from './tables.ts'

/** I1–I3, I5, I6 and I8 as far as one look at the tables can tell. */
export function checkTables({ users, identities, sessions, conflicts, unifications }: Tables): void {
  const byId = new Map(users.map((user) => [user.id, user]))
  const isLive = (user: Row | undefined): boolean => user?.status === 'active' || user?.status === 'blocked'
  const byName = new Map(identities.map((one) => [`${one.app_id} ${one.openid}`, one]))
  const owners = new Set(identities.map(({ user_id }) => user_id))

  assert.equal(byName.size, identities.length, 'I1: an identity stands twice')
  const held = users.filter((user) => user.unionid !== null).map((user) => `${user.realm_id} ${user.unionid}`)
  assert.equal(new Set(held).size, held.length, 'I2: a unionid has two users')
  for (const user of users) {
    if (user.status === 'unified') {
      const survivor = byId.get(user.survivor_id)
      assert.ok(isLive(survivor) || survivor?.status === 'deleted', 'I5: a tombstone leads nowhere, or not at once')
    } else assert.equal(user.survivor_id, null, 'I5: a user who is there points elsewhere')
    if (!isLive(user)) assert.equal(user.unionid, null, 'I2, I8: a unionid of somebody who is gone')
    assert.equal(owners.has(user.id), isLive(user), 'I8: a live user without identities, or the other way round')
  }
  for (const one of identities) {
    const owner = byId.get(one.user_id)
    assert.ok(owner && owner.realm_id === one.realm_id, 'I3: an identity of another realm')
  }
  for (const session of sessions) {
    const identity = byName.get(`${session.app_id} ${session.openid}`)
    assert.ok(identity && identity.user_id === session.user_id, 'I6: a session and its identity have different users')
    const owner = byId.get(session.user_id)
    if (session.ended === null)
      assert.equal(owner?.status, 'active', 'T11: a live session of somebody who may not log in')
  }
  for (const conflict of conflicts) {
    const identity = byName.get(`${conflict.app_id} ${conflict.openid}`)
    assert.ok(identity && identity.user_id === conflict.user_id, 'a conflict names the wrong user')
    assert.ok(conflict.holder_id === null || byId.has(conflict.holder_id), 'a conflict names a holder who never was')
  }
  const openids = new Set(identities.map(({ openid }) => openid))
  for (const one of unifications) {
    for (const [, named] of String(one.detail).matchAll(/"openid":"([^"]*)"/g)) {
      assert.ok(openids.has(named), 'T40: the record of a unification names an openid that was erased')
    }
  }
}

/** The same and more for a whole database, asked of the database itself. */
export async function checkDatabase(fixture: StoreFixture): Promise<void> {
  await checkGraph(fixture)
  const none = async (what: string, sql: string): Promise<void> => assert.deepEqual(await fixture.rows(sql), [], what)
  await none(
    'I5 a tombstone leads somewhere',
    `SELECT t.id FROM users t LEFT JOIN users s ON s.id = t.survivor_id WHERE t.status = 'unified' AND s.id IS NULL`,
  )
  await none(
    'I8 somebody who is gone holds no unionid',
    `SELECT id FROM users WHERE status IN ('unified', 'deleted') AND unionid IS NOT NULL`,
  )
}

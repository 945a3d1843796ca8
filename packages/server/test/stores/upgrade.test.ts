import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type EmptyDatabase, emptyPostgres, emptySqlite, migrateAndDie } from './empty-database.ts'

/*
 * Rows that a release before the migrations 0002 and 0003 has written are read, and undone, by this one.
 */

const RECORD = JSON.stringify({
  survivor: {
    id: 'usr_elder',
    status: 'active',
    identities: [{ appId: 'wx1', openId: 'o_elder' }],
    formerIds: [],
  },
  absorbed: {
    id: 'usr_younger',
    status: 'active',
    unionId: 'u_mei',
    identities: [{ appId: 'wx2', openId: 'o_younger' }],
    formerIds: [],
  },
  unionId: 'u_mei',
  decided: false,
})

const LOGINS = [
  { decision: 'create', door: 'code' },
  { decision: 'sign-in', door: 'cloud', key: 'ck_1' },
  { decision: 'unify', door: 'container' },
]

const OLD_ROWS = [
  "INSERT INTO realms (id, name, created_at) VALUES ('default', 'default', 1)",
  ...['wx1', 'wx2'].map(
    (id) =>
      `INSERT INTO apps (id, realm_id, kind, name, secret_sealed, origins, created_at)
       VALUES ('${id}', 'default', 'miniprogram', '', '', '[]', 1)`,
  ),
  `INSERT INTO users (id, realm_id, status, created_at, union_id, survivor_id)
   VALUES ('usr_elder', 'default', 'active', 1, 'u_mei', NULL), ('usr_younger', 'default', 'unified', 2, NULL, 'usr_elder')`,
  `INSERT INTO identities (app_id, open_id, user_id, first_seen_at, last_seen_at)
   VALUES ('wx1', 'o_elder', 'usr_elder', 1, 1), ('wx2', 'o_younger', 'usr_elder', 2, 2)`,
  `INSERT INTO unifications (id, realm_id, survivor_id, absorbed_id, detail, created_at)
   VALUES ('uni_1', 'default', 'usr_elder', 'usr_younger', '${RECORD}', 3),
     ('uni_0', 'default', 'usr_elder', 'usr_younger', '{}', 2)`,
  `INSERT INTO conflicts (id, app_id, open_id, union_id, user_id, count, first_seen_at, last_seen_at)
   VALUES ('cfl_1', 'wx1', 'o_elder', 'u_other', 'usr_elder', 1, 4, 4)`,
  `INSERT INTO cloud_keys (id, app_id, public_jwk, union_id, created_at) VALUES ('ck_1', 'wx1', '{}', 'trust', 1)`,
  ...LOGINS.map(
    (detail, index) =>
      `INSERT INTO audit_events (at, kind, actor, outcome, detail)
       VALUES (${index}, 'login', 'app:wx1', 'ok', '${JSON.stringify(detail)}')`,
  ),
  `INSERT INTO audit_events (at, kind, actor, outcome, detail)
   VALUES (9, 'cloud_key_added', 'operator', 'ok', '{"key":"ck_1","unionid":"trust"}')`,
]

async function oldDatabase(t: TestContext, empty: (t: TestContext) => Promise<EmptyDatabase>): Promise<EmptyDatabase> {
  const database = await empty(t)
  await database.migrateTo(1)
  for (const row of OLD_ROWS) await database.run(row)
  return database
}

async function checkUpgraded(database: EmptyDatabase): Promise<void> {
  const store = await database.open()
  try {
    const events = await store.events.list({ after: undefined, limit: 9, kind: undefined, userId: undefined })
    assert.deepEqual(events.map(({ detail }) => detail).reverse(), [
      { decision: 'create', method: 'code' },
      { decision: 'sign-in', method: 'cloud-function', cloudKeyId: 'ck_1' },
      { decision: 'unify', method: 'cloud-run' },
      { key: 'ck_1', unionid: 'trust' },
    ])
    const [conflict] = await store.reconciliation.listConflicts({ after: undefined, limit: 9, open: true })
    assert.deepEqual([conflict?.openid, conflict?.unionid], ['o_elder', 'u_other'])
    assert.equal((await store.registry.setup()).cloudKeys[0]?.trustsUnionid, true)
    const plan = await store.reconciliation.undo({
      act: { actor: 'operator', requestId: 'req', now: 9 },
      id: 'uni_1',
    })
    assert.ok(!('not' in plan))
    const found = await store.users.findByIdentity({ appId: 'wx2' as never, openid: 'o_younger' as never })
    assert.deepEqual([found?.user.id, found?.user.unionid], ['usr_younger', 'u_mei'])
  } finally {
    await store.upkeep.close()
  }
}

for (const [name, empty] of Object.entries({ SQLite: emptySqlite, PostgreSQL: emptyPostgres })) {
  test(`${name}: what an older release wrote is read by this one, its unifications too`, async (t) => {
    const database = await oldDatabase(t, empty)
    assert.deepEqual(await database.migrate(), ['0002-openid', '0003-login-methods', '0005-history'])
    await checkUpgraded(database)
  })

  test(`${name}: an upgrade that is killed before any of its statements goes on and loses nothing`, async (t) => {
    let statement = 0
    for (let isDone = false; !isDone; ) {
      const database = await oldDatabase(t, empty)
      isDone = await migrateAndDie(database, ++statement)
      await database.migrate()
      await checkUpgraded(database)
    }
    assert.ok(statement > 12)
  })
}

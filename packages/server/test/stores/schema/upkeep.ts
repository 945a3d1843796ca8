import assert from 'node:assert/strict'
import { RETENTION } from '../../../src/domain/events.ts'
import { LIFETIMES } from '../../../src/domain/session.ts'
import { DAY, MINUTE } from '../../../src/domain/time.ts'
import { atOnce, bytesOf, type DescribedTables, SHOP, type TablesFixture } from '../store-fixture.ts'

const MANY = 300

/** Many people log in at one moment, by codes and by assertions. */
async function manyLogIn(fixture: TablesFixture): Promise<void> {
  await fixture.store.registry.addCloudKey({ act: fixture.act(), key: CLOUD_KEY })
  const expiresAt = fixture.now() + MINUTE
  await atOnce(MANY, (index) => {
    const byFunction = { name: 'cloud-function', cloudKeyId: CLOUD_KEY.id, jti: `jti-${index}`, expiresAt } as const
    const method = index % 3 === 0 ? byFunction : ({ name: 'code' } as const)
    return fixture.logIn({ openid: `o_${index}`, code: `code-${index}`, method })
  })
}

const CLOUD_KEY = {
  id: 'ck_1',
  appId: SHOP,
  publicJwk: '{}',
  trustsUnionid: true,
  createdAt: 1,
  revokedAt: undefined,
} as const

/** Cleaning, which never takes what still lives; and how a store ends. */
export function tablesOfUpkeep({ that }: DescribedTables): void {
  const sweep = ({ store, now }: TablesFixture, limit = 1000) =>
    store.upkeep.sweep({ now: now(), lifetimes: LIFETIMES, retention: RETENTION, limit })
  /** Sweeps until every table has been walked through from its beginning. */
  const sweepAll = async (fixture: TablesFixture): Promise<void> => {
    for (let slice = 0; slice < 4; slice++) await sweep(fixture)
  }

  that(
    'T18 an ended session is remembered for three days, so that a replay is still known for what it is',
    async (fixture) => {
      const login = await fixture.logIn()
      await fixture.store.sessions.endAll({ act: fixture.act(), userId: login.user.id, reason: 'logout' })
      fixture.pass(3 * DAY - 1)
      await sweepAll(fixture)
      assert.equal((await fixture.session(login)).ended, 'logout')
      fixture.pass(1)
      await sweepAll(fixture)
      assert.equal(await fixture.count('sessions'), 0)
    },
  )

  that('small slices get through a table of any length, however often they are interrupted', async (fixture) => {
    for (let index = 0; index < 25; index++) await fixture.logIn({ openid: `o_${index}`, code: `code-${index}` })
    fixture.pass(LIFETIMES.absolute)
    await fixture.logIn({ openid: 'o_young' })
    for (let slice = 0; slice < 30; slice++) await sweep(fixture, 3)
    assert.deepEqual(await Promise.all(['sessions', 'login_codes'].map(fixture.count)), [1, 0])
    assert.equal(await fixture.count('identities WHERE session_key_sealed IS NOT NULL'), 1)
    assert.equal(await fixture.living(), 26)
  })

  that('T07 a code is forgotten ten minutes after it came, when WeChat has forgotten it too', async (fixture) => {
    await fixture.logIn({ code: 'code-1' })
    fixture.pass(10 * MINUTE - 1)
    await sweepAll(fixture)
    assert.ok(await fixture.store.logins.findByCode({ appId: SHOP, codeHash: bytesOf('code-1') }))
    fixture.pass(1)
    await sweepAll(fixture)
    assert.equal(await fixture.count('login_codes'), 0)
  })

  that('a session key is forgotten three days after it came; the identity stays', async (fixture) => {
    await fixture.logIn()
    fixture.pass(3 * DAY - 1)
    await fixture.logIn({ openid: 'o_bo' })
    await sweepAll(fixture)
    assert.equal(await fixture.count('identities WHERE session_key_sealed IS NOT NULL'), 2)
    fixture.pass(1)
    await sweepAll(fixture)
    assert.deepEqual(await fixture.select('SELECT openid, session_key_at FROM identities ORDER BY openid'), [
      { openid: 'o_bo', session_key_at: fixture.now() - 1 },
      { openid: 'o_mei', session_key_at: null },
    ])
  })

  that('an assertion is remembered until nobody would take it any more', async (fixture) => {
    await fixture.store.registry.addCloudKey({ act: fixture.act(), key: CLOUD_KEY })
    const expiresAt = fixture.now() + MINUTE
    await fixture.logIn({ method: { name: 'cloud-function', cloudKeyId: 'ck_1', jti: 'jti-1', expiresAt } })
    fixture.pass(MINUTE)
    await sweepAll(fixture)
    assert.equal(await fixture.count('spent_assertions'), 1)
    fixture.pass(MINUTE)
    await sweepAll(fixture)
    assert.equal(await fixture.count('spent_assertions'), 0)
  })

  that('logins are audited for thirty days, blocks and their like for a hundred and eighty', async (fixture) => {
    const { user } = await fixture.logIn()
    await fixture.store.users.block({ act: fixture.act(), userId: user.id })
    fixture.pass(30 * DAY - 1)
    await sweepAll(fixture)
    assert.equal(await fixture.audited('login'), 1)
    fixture.pass(1)
    await sweepAll(fixture)
    assert.equal(await fixture.audited('login'), 0)
    assert.equal(await fixture.audited('user_blocked'), 1)
    fixture.pass(150 * DAY)
    await sweepAll(fixture)
    assert.deepEqual(await Promise.all(['audit_events', 'outbox'].map(fixture.count)), [0, 0])
  })

  that(
    'HUFU_LOGIN_AUDIT_DAYS may be longer than HUFU_AUDIT_DAYS: each kind of event goes at its own age',
    async (fixture) => {
      const { user } = await fixture.logIn()
      await fixture.store.users.block({ act: fixture.act(), userId: user.id })
      const retention = { login: 20 * DAY, rest: 10 * DAY }
      const kept = async (): Promise<number[]> => {
        for (let slice = 0; slice < 9; slice++) {
          await fixture.store.upkeep.sweep({ now: fixture.now(), lifetimes: LIFETIMES, retention, limit: 3 })
        }
        return Promise.all((['login', 'user_blocked', 'app_added'] as const).map(fixture.audited))
      }
      fixture.pass(10 * DAY - 1)
      assert.deepEqual(await kept(), [1, 1, 4])
      fixture.pass(1)
      assert.deepEqual(await kept(), [1, 0, 0])
      fixture.pass(10 * DAY - 1)
      assert.deepEqual(await kept(), [1, 0, 0])
      fixture.pass(1)
      assert.deepEqual(await kept(), [0, 0, 0])
    },
  )

  that(
    'B9 what is not due costs nothing: of hundreds of rows one small slice says that it is through',
    async (fixture) => {
      await manyLogIn(fixture)
      for (const passed of [0, 9 * MINUTE, 2 * DAY]) {
        while (!(await sweep(fixture)).isThrough); // of codes and assertions
        fixture.pass(passed)
        while (!(await sweep(fixture)).isThrough);
        const swept = await sweep(fixture, 2)
        assert.deepEqual(
          swept,
          { sessions: 0, codes: 0, sessionKeys: 0, events: 0, isThrough: true },
          `${passed} ms later`,
        )
      }
      assert.equal(await fixture.count('sessions'), MANY)
    },
  )

  for (const { days, left } of [
    { days: 3, left: { sessions: MANY / 2, login_codes: 0, spent_assertions: 0, audit_events: MANY } },
    { days: 30, left: { sessions: 0, login_codes: 0, spent_assertions: 0, audit_events: 0 } },
    { days: 200, left: { sessions: 0, login_codes: 0, spent_assertions: 0, audit_events: 0 } },
  ]) {
    that(`B9 ${days} days later everything that is due goes, in slices, and the last one says so`, async (fixture) => {
      await manyLogIn(fixture)
      await fixture.select("UPDATE sessions SET ended = 'logout' WHERE openid LIKE '%0' OR openid LIKE '%5'")
      await fixture.select(
        "UPDATE sessions SET ended = 'crowded_out' WHERE openid LIKE '%1' OR openid LIKE '%6' OR openid LIKE '%8'",
      )
      fixture.pass(days * DAY)
      let slices = 1
      for (; !(await sweep(fixture, 20)).isThrough; slices++) assert.ok(slices < MANY)
      assert.ok(slices >= MANY / 40, `${slices} slices`)
      const tables = Object.keys(left).map((table) =>
        table === 'audit_events' ? "audit_events WHERE kind = 'login'" : table,
      )
      assert.deepEqual(await Promise.all(tables.map(fixture.count)), Object.values(left))
      assert.equal(await fixture.count('identities WHERE session_key_sealed IS NOT NULL'), 0)
      assert.equal(await fixture.count('identities'), MANY)
    })
  }

  that('users and what made them one are never swept', async (fixture) => {
    await fixture.logIn()
    fixture.pass(1)
    await fixture.logIn({ openid: 'o_bo' })
    fixture.pass(1000 * DAY)
    await sweepAll(fixture)
    assert.deepEqual(await Promise.all(['users', 'identities'].map(fixture.count)), [2, 2])
  })

  that(
    'sweeps of four processes at once, while people log in and refresh, take nothing that lives',
    async (fixture) => {
      for (let index = 0; index < 60; index++) await fixture.logIn({ openid: `o_old_${index}` })
      fixture.pass(LIFETIMES.idle)
      const [sweeps, logins] = await Promise.all([
        atOnce(4, async () => {
          for (let slice = 0; slice < 10; slice++) await sweep(fixture, 10)
        }),
        atOnce(40, async (index) => {
          const login = await fixture.logIn({ openid: `o_${index}` })
          assert.equal((await fixture.refresh(login.facts.session, login.step)).verdict, 'rotate')
          return login
        }),
      ])
      assert.equal(sweeps.length, 4)
      for (const login of logins) assert.equal((await fixture.session(login)).ended, undefined)
      for (let slice = 0; slice < 20; slice++) await sweep(fixture, 10)
      assert.equal(await fixture.count('sessions'), 40)
    },
  )

  that(
    'T38 a store that is closed under load finishes what it took on, and every answer it gave is in the tables',
    async (fixture) => {
      const logins = Array.from({ length: 60 }, (_, index) => fixture.logIn({ openid: `o_${index}` }))
      await Promise.race(logins)
      const closing = fixture.store.upkeep.close()
      const late = await fixture.logIn({ openid: 'o_late' }).catch((error) => error)
      assert.equal(late.code, 'unavailable')
      const outcomes = await Promise.all(logins)
      await closing
      const there = (await fixture.select('SELECT id FROM users ORDER BY id')).map(({ id }) => id)
      assert.deepEqual(there, outcomes.map(({ user }) => user.id).sort())
    },
  )
}

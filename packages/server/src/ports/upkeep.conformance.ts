import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { LIFETIMES } from '../domain/session.ts'
import { DAY, MINUTE } from '../domain/time.ts'
import { atOnce, bytesOf, newPlace, type Open, type Place, SHOP } from './under-test.conformance.ts'

/** Cleaning, which never takes what still lives; and how a store ends. */
export function upkeepConformance(name: string, openStore: Open): void {
  const that = (sentence: string, work: (place: Place) => Promise<void>): void => {
    test(`${name}: ${sentence}`, async (t: TestContext) => work(await newPlace(t, openStore)))
  }
  const sweep = ({ store, now }: Place, limit = 1000) => store.upkeep.sweep({ now: now(), lifetimes: LIFETIMES, limit })
  /** Sweeps until every table has been walked through from its beginning. */
  const sweepAll = async (place: Place): Promise<void> => {
    for (let slice = 0; slice < 4; slice++) await sweep(place)
  }

  that('T20 a sweep takes sessions past their life, and none a millisecond before', async (place) => {
    const idle = await place.logIn()
    place.pass(LIFETIMES.idle - 1)
    await sweepAll(place)
    assert.equal((await place.session(idle)).ended, undefined)
    place.pass(1)
    const young = await place.logIn()
    await sweepAll(place)
    assert.equal(await place.store.sessions.find(idle.facts.session.id), undefined)
    assert.equal((await place.session(young)).ended, undefined)
  })

  that('a session that was used again is not swept for its age', async (place) => {
    const login = await place.logIn()
    place.pass(LIFETIMES.idle - DAY)
    await place.refresh(login.facts.session, login.step)
    place.pass(2 * DAY)
    await sweepAll(place)
    assert.equal((await place.session(login)).ended, undefined)
  })

  that(
    'T18 an ended session is remembered for a day, so that a replay is still known for what it is',
    async (place) => {
      const login = await place.logIn()
      await place.store.sessions.endAll({ act: place.act(), userId: login.user.id, reason: 'logout' })
      place.pass(DAY - 1)
      await sweepAll(place)
      assert.equal((await place.session(login)).ended, 'logout')
      place.pass(1)
      await sweepAll(place)
      assert.equal(await place.count('sessions'), 0)
    },
  )

  that('small slices get through a table of any length, however often they are interrupted', async (place) => {
    for (let index = 0; index < 25; index++) await place.logIn({ openid: `o_${index}`, code: `code-${index}` })
    place.pass(LIFETIMES.absolute)
    await place.logIn({ openid: 'o_young' })
    for (let slice = 0; slice < 30; slice++) await sweep(place, 3)
    assert.deepEqual(await Promise.all(['sessions', 'login_codes'].map(place.count)), [1, 0])
    assert.equal(await place.count('identities WHERE session_key_sealed IS NOT NULL'), 1)
    assert.equal(await place.count('users'), 26)
  })

  that('a sweep says what it took', async (place) => {
    await place.logIn({ code: 'code-1' })
    place.pass(LIFETIMES.absolute)
    const { sessions, codes, sessionKeys } = await sweep(place)
    assert.deepEqual({ sessions, codes, sessionKeys }, { sessions: 1, codes: 1, sessionKeys: 1 })
  })

  that('T07 a code is forgotten ten minutes after it came, when WeChat has forgotten it too', async (place) => {
    await place.logIn({ code: 'code-1' })
    place.pass(10 * MINUTE - 1)
    await sweepAll(place)
    assert.ok(await place.store.logins.findByCode({ appId: SHOP, codeHash: bytesOf('code-1') }))
    place.pass(1)
    await sweepAll(place)
    assert.equal(await place.count('login_codes'), 0)
  })

  that('a session key is forgotten three days after it came; the identity stays', async (place) => {
    await place.logIn()
    place.pass(3 * DAY - 1)
    await place.logIn({ openid: 'o_bo' })
    await sweepAll(place)
    assert.equal(await place.count('identities WHERE session_key_sealed IS NOT NULL'), 2)
    place.pass(1)
    await sweepAll(place)
    assert.deepEqual(await place.select('SELECT openid, session_key_at FROM identities ORDER BY openid'), [
      { openid: 'o_bo', session_key_at: place.now() - 1 },
      { openid: 'o_mei', session_key_at: null },
    ])
  })

  that('an assertion is remembered until nobody would take it any more', async (place) => {
    const key = {
      id: 'ck_1',
      appId: SHOP,
      publicJwk: '{}',
      trustsUnionid: true,
      createdAt: 1,
      revokedAt: undefined,
    } as const
    await place.store.registry.addCloudKey({ act: place.act(), key })
    const expiresAt = place.now() + MINUTE
    await place.logIn({ method: { name: 'cloud-function', cloudKeyId: 'ck_1', jti: 'jti-1', expiresAt } })
    place.pass(MINUTE)
    await sweepAll(place)
    assert.equal(await place.count('spent_assertions'), 1)
    place.pass(MINUTE)
    await sweepAll(place)
    assert.equal(await place.count('spent_assertions'), 0)
  })

  that('logins are audited for thirty days, blocks and their like for a hundred and eighty', async (place) => {
    const { user } = await place.logIn()
    await place.store.users.block({ act: place.act(), userId: user.id })
    place.pass(30 * DAY - 1)
    await sweepAll(place)
    assert.equal(await place.count("audit_events WHERE kind = 'login'"), 1)
    place.pass(1)
    await sweepAll(place)
    assert.equal(await place.count("audit_events WHERE kind = 'login'"), 0)
    assert.equal(await place.count("audit_events WHERE kind = 'user_blocked'"), 1)
    place.pass(150 * DAY)
    await sweepAll(place)
    assert.deepEqual(await Promise.all(['audit_events', 'outbox'].map(place.count)), [0, 0])
  })

  that('users and what made them one are never swept', async (place) => {
    await place.logIn()
    place.pass(1)
    await place.logIn({ openid: 'o_bo' })
    place.pass(1000 * DAY)
    await sweepAll(place)
    assert.deepEqual(await Promise.all(['users', 'identities'].map(place.count)), [2, 2])
  })

  that('sweeps of four processes at once, while people log in and refresh, take nothing that lives', async (place) => {
    for (let index = 0; index < 60; index++) await place.logIn({ openid: `o_old_${index}` })
    place.pass(LIFETIMES.idle)
    const [sweeps, logins] = await Promise.all([
      atOnce(4, async () => {
        for (let slice = 0; slice < 10; slice++) await sweep(place, 10)
      }),
      atOnce(40, async (index) => {
        const login = await place.logIn({ openid: `o_${index}` })
        assert.equal((await place.refresh(login.facts.session, login.step)).verdict, 'rotate')
        return login
      }),
    ])
    assert.equal(sweeps.length, 4)
    for (const login of logins) assert.equal((await place.session(login)).ended, undefined)
    for (let slice = 0; slice < 20; slice++) await sweep(place, 10)
    assert.equal(await place.count('sessions'), 40)
  })

  that('a store that is open answers, and one that is closed refuses, cleanly', async (place) => {
    const { store } = place
    await store.upkeep.ping()
    await store.upkeep.close()
    const refused = { name: 'ProblemError', code: 'unavailable' }
    await assert.rejects(store.upkeep.ping(), refused)
    await assert.rejects(place.logIn(), refused)
    await assert.rejects(store.registry.setup(), refused)
    await store.upkeep.close() // twice does no harm
  })

  that(
    'T38 a store that is closed under load finishes what it took on, and every answer it gave is in the tables',
    async (place) => {
      const logins = Array.from({ length: 60 }, (_, index) => place.logIn({ openid: `o_${index}` }))
      await Promise.race(logins)
      const closing = place.store.upkeep.close()
      const late = await place.logIn({ openid: 'o_late' }).catch((error) => error)
      assert.equal(late.code, 'unavailable')
      const outcomes = await Promise.all(logins)
      await closing
      const there = (await place.select('SELECT id FROM users ORDER BY id')).map(({ id }) => id)
      assert.deepEqual(there, outcomes.map(({ user }) => user.id).sort())
    },
  )
}

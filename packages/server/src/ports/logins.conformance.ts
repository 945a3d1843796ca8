import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { LIFETIMES } from '../domain/session.ts'
import { DAY } from '../domain/time.ts'
import {
  atOnce,
  bytesOf,
  CLUB,
  checkGraph,
  NEWS,
  newPlace,
  type Open,
  type Place,
  SHOP,
} from './under-test.conformance.ts'

/** What one login writes down, what it leaves alone, and what becomes of many at once. */
export function loginsConformance(name: string, openStore: Open): void {
  const that = (sentence: string, work: (place: Place) => Promise<void>): void => {
    test(`${name}: ${sentence}`, async (t: TestContext) => {
      const place = await newPlace(t, openStore)
      await work(place)
      await checkGraph(place)
    })
  }

  that(
    'a login writes user, identity, session, code, audit and outbox together, each as it was given',
    async (place) => {
      const { facts } = await place.logIn({ unionid: 'u_mei', code: 'code-1', nonce: 'nonce-1' })
      const { act, session, newUserId } = facts
      const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex')
      assert.deepEqual(await place.select('SELECT * FROM users'), [
        {
          id: newUserId,
          realm_id: 'default',
          status: 'active',
          created_at: act.now,
          unionid: 'u_mei',
          survivor_id: null,
        },
      ])
      assert.deepEqual(await place.select('SELECT * FROM identities'), [
        {
          app_id: SHOP,
          openid: 'o_mei',
          user_id: newUserId,
          pinned: 0,
          first_seen_at: act.now,
          last_seen_at: act.now,
          session_key_sealed: hex(facts.sealedSessionKey),
          session_key_at: act.now,
        },
      ])
      assert.deepEqual(await place.select('SELECT * FROM sessions'), [
        {
          id: session.id,
          user_id: newUserId,
          app_id: SHOP,
          openid: 'o_mei',
          created_at: act.now,
          last_used_at: act.now,
          generation: 0,
          key_number: 1,
          salt: hex(session.step.salt),
          previous_key_number: null,
          previous_salt: null,
          rotated_at: act.now,
          ended: null,
          cloud_key_id: null,
        },
      ])
      assert.deepEqual(await place.select('SELECT * FROM login_codes'), [
        {
          app_id: SHOP,
          code_hash: hex(bytesOf('code-1')),
          nonce_hash: hex(bytesOf('nonce-1')),
          session_id: session.id,
          is_new: 1,
          created_at: act.now,
        },
      ])
      const [login] = await place.store.events.list({ after: undefined, limit: 1, kind: 'login', userId: undefined })
      assert.deepEqual(
        { ...login, seq: 0 },
        {
          seq: 0,
          at: act.now,
          kind: 'login',
          actor: act.actor,
          userId: newUserId,
          appId: SHOP,
          sessionId: session.id,
          outcome: 'ok',
          requestId: act.requestId,
          detail: { decision: 'create', method: 'code' },
        },
      )
      const [told] = await place.store.events.claim({ now: act.now, lapse: 1, limit: 10 })
      assert.deepEqual(
        { ...told, seq: 0 },
        { seq: 0, at: act.now, kind: 'user.created', userId: newUserId, detail: { appId: SHOP } },
      )
    },
  )

  that('ids of the greatest length and times far ahead come back as they went in', async (place) => {
    const visit = { openid: 'o'.repeat(64), unionid: 'u'.repeat(128) }
    place.pass(8_000_000_000_000) // the year 2278, far beyond 32 bits of seconds
    const { user } = await place.logIn(visit)
    const found = await place.store.users.findByIdentity({ appId: SHOP, openid: visit.openid as never })
    assert.equal(found?.user.id, user.id)
    assert.equal(found?.user.unionid, visit.unionid)
    assert.equal(found?.user.createdAt, place.now())
    assert.equal(found?.identities[0]?.openid, visit.openid)
  })

  that('every byte of a sealed session key and of a salt comes back', async (place) => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    const given = place.facts({ sealed: all })
    const login = await place.commit({
      ...given,
      session: { ...given.session, step: { ...given.session.step, salt: all } },
    })
    assert.deepEqual((await place.session(login)).current.salt, all)
    const [row] = await place.select('SELECT session_key_sealed FROM identities')
    assert.equal(row?.session_key_sealed, Buffer.from(all).toString('hex'))
  })

  that('a sealed key of no bytes is not the same as none', async (place) => {
    await place.logIn({ openid: 'o_empty', sealed: new Uint8Array() })
    await place.logIn({ openid: 'o_none', sealed: undefined })
    assert.deepEqual(
      await place.select('SELECT openid, session_key_sealed, session_key_at FROM identities ORDER BY openid'),
      [
        { openid: 'o_empty', session_key_sealed: '', session_key_at: place.now() },
        { openid: 'o_none', session_key_sealed: null, session_key_at: null },
      ],
    )
  })

  that('the newest session key replaces the one before; a method without one leaves it', async (place) => {
    await place.logIn({ sealed: bytesOf('first') })
    place.pass(1000)
    await place.logIn({ sealed: bytesOf('second') })
    place.pass(1000)
    await place.logIn({ sealed: undefined, method: { name: 'cloud-run' } })
    assert.deepEqual(
      await place.select('SELECT session_key_sealed, session_key_at, first_seen_at, last_seen_at FROM identities'),
      [
        {
          session_key_sealed: Buffer.from('second').toString('hex'),
          session_key_at: place.now() - 1000,
          first_seen_at: place.now() - 2000,
          last_seen_at: place.now(),
        },
      ],
    )
  })

  that('a login that fails half way leaves nothing behind', async (place) => {
    const first = await place.logIn()
    const tables = ['users', 'identities', 'sessions', 'login_codes', 'audit_events', 'outbox', 'unifications']
    const before = await Promise.all(tables.map(place.count))
    const bound = place.facts({ app: CLUB, openid: 'c_mei', unionid: 'u_mei', code: 'code-2' })
    // The session's id is taken: the very last thing that a login writes about itself fails.
    await assert.rejects(place.store.logins.commit({ ...bound, session: first.facts.session }))
    assert.deepEqual(await Promise.all(tables.map(place.count)), before)
  })

  that('T16 a unification that fails half way leaves both users as they were', async (place) => {
    const shop = await place.logIn()
    place.pass(1)
    const club = await place.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    const unifying = place.facts({ unionid: 'u_mei' })
    await assert.rejects(place.store.logins.commit({ ...unifying, session: shop.facts.session }))
    for (const { user } of [shop, club]) {
      const found = await place.user(user.id)
      assert.deepEqual([found.user.id, found.user.status, found.identities.length], [user.id, 'active', 1])
    }
    assert.equal(await place.count('unifications'), 0)
    assert.equal(await place.count("outbox WHERE kind = 'user.unified'"), 0)
  })

  that('an app that moved to another realm a moment ago lets nobody in under the old one', async (place) => {
    const first = place.facts({ code: 'code-1' })
    await place.store.registry.changeApp({ act: place.act(), appId: SHOP, change: { realmId: 'rival' as never } })
    assert.equal(await place.store.logins.commit(first), 'app_gone')
    assert.deepEqual(await Promise.all(['users', 'identities', 'login_codes'].map(place.count)), [0, 0, 0])
  })

  that('an app that was removed a moment ago lets nobody in', async (place) => {
    const first = place.facts()
    await place.store.registry.removeApp({ act: place.act(), appId: SHOP })
    assert.equal(await place.store.logins.commit(first), 'app_gone')
    assert.equal(await place.count('users'), 0)
  })

  that('of eleven sessions in one app the oldest ends', async (place) => {
    const logins = []
    for (let device = 0; device < 11; device++) {
      logins.push(await place.logIn())
      place.pass(1000)
    }
    const live = await place.store.sessions.listOf({
      userId: logins[0]?.user.id as never,
      now: place.now(),
      lifetimes: LIFETIMES,
    })
    assert.deepEqual(
      live.map(({ id }) => id),
      logins
        .slice(1)
        .map(({ facts }) => facts.session.id)
        .reverse(),
    )
    assert.equal((await place.session(logins[0] as never)).ended, 'crowded_out')
  })

  that('ten sessions in one app leave the other app alone', async (place) => {
    const club = await place.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    for (let device = 0; device < 12; device++) {
      place.pass(1000)
      await place.logIn({ unionid: 'u_mei' })
    }
    assert.equal((await place.session(club)).ended, undefined)
    assert.equal(
      (await place.store.sessions.listOf({ userId: club.user.id, now: place.now(), lifetimes: LIFETIMES })).length,
      11,
    )
  })

  that('sessions that ended or lie idle beyond their life take nobody else’s place', async (place) => {
    const idle = await place.logIn()
    place.pass(LIFETIMES.idle)
    const logins = []
    for (let device = 0; device < 10; device++) logins.push(await place.logIn())
    const { user } = idle
    const [gone] = logins
    await place.store.sessions.end({
      act: place.act(),
      userId: user.id,
      sessionId: gone?.facts.session.id as never,
      reason: 'logout',
    })
    await place.logIn()
    assert.equal((await place.session(idle)).ended, undefined)
    assert.equal(await place.count("sessions WHERE ended = 'crowded_out'"), 0)
    assert.equal(
      (await place.store.sessions.listOf({ userId: user.id, now: place.now(), lifetimes: LIFETIMES })).length,
      10,
    )
  })

  that('T20 when the clock steps back, the login that makes a session never crowds out that session', async (place) => {
    for (let device = 0; device < 10; device++) {
      await place.logIn()
      place.pass(1000)
    }
    place.pass(-DAY)
    const back = await place.logIn()
    assert.equal((await place.session(back)).ended, undefined)
    assert.equal(await place.count('sessions WHERE ended IS NULL'), 10)
  })

  that('T15 two hundred first logins of one person at once make one user', async (place) => {
    const logins = await atOnce(200, () => place.logIn({ unionid: 'u_mei' }))
    assert.equal(new Set(logins.map(({ user }) => user.id)).size, 1)
    assert.equal(logins.filter(({ decision }) => decision === 'create').length, 1)
    assert.deepEqual(await Promise.all(['users', 'identities', 'outbox'].map(place.count)), [1, 1, 1])
    assert.equal(await place.count('sessions WHERE ended IS NULL'), 10)
    assert.equal(await place.count('sessions'), 200)
  })

  that('T15 two hundred first logins in two apps at once with one unionid make one user', async (place) => {
    const logins = await atOnce(200, (index) =>
      index % 2 === 0
        ? place.logIn({ unionid: 'u_mei' })
        : place.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' }),
    )
    assert.equal(new Set(logins.map(({ user }) => user.id)).size, 1)
    assert.deepEqual(await Promise.all(['users', 'identities', 'unifications'].map(place.count)), [1, 2, 0])
  })

  that('T15 a hundred people who come for the first time at once are a hundred users', async (place) => {
    const logins = await atOnce(100, (index) => place.logIn({ openid: `o_${index}`, unionid: `u_${index}` }))
    assert.equal(new Set(logins.map(({ user }) => user.id)).size, 100)
    assert.ok(logins.every(({ decision }) => decision === 'create'))
  })

  that('T15 T16 two hundred logins that each could unify two users unify them once', async (place) => {
    const shop = await place.logIn()
    place.pass(1)
    const club = await place.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    const logins = await atOnce(200, (index) =>
      index % 2 === 0
        ? place.logIn({ unionid: 'u_mei' })
        : place.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' }),
    )
    for (const { user } of logins) assert.ok([shop.user.id, club.user.id].includes(user.id))
    assert.equal(logins.filter(({ decision }) => decision === 'unify').length, 1)
    assert.equal((await place.user(club.user.id)).user.id, shop.user.id)
    assert.equal(await place.count("users WHERE status = 'active'"), 1)
  })

  that('T15 I4 three users of one person, whose apps all tell the unionid at once, become one', async (place) => {
    for (let round = 0; round < 5; round++) {
      const visits = [SHOP, CLUB, NEWS].map((app) => ({ app, openid: `o_${round}` }))
      for (const visit of visits) await place.logIn(visit)
      await atOnce(30, (index) => place.logIn({ ...visits[index % 3], unionid: `u_${round}` }))
      const owners = await place.select(`SELECT DISTINCT user_id FROM identities WHERE openid = 'o_${round}'`)
      assert.equal(owners.length, 1)
    }
  })

  that('T14 two unionids that reach one user at once: one is attached, the other is a conflict', async (place) => {
    for (let round = 0; round < 10; round++) {
      const name = `o_${round}`
      await place.logIn({ openid: name })
      const logins = await Promise.all(
        [`u_${round}a`, `u_${round}b`].map((unionid) => place.logIn({ openid: name, unionid })),
      )
      assert.deepEqual(logins.map(({ decision }) => decision).sort(), ['conflict', 'sign-in'])
    }
    assert.equal(await place.count('conflicts'), 10)
  })

  that('a hundred sights of one conflict at once are all counted', async (place) => {
    await place.logIn({ unionid: 'u_mei' })
    await atOnce(100, () => place.logIn({ unionid: 'u_new' }))
    assert.deepEqual(await place.select('SELECT count FROM conflicts'), [{ count: 100 }])
    assert.equal(await place.count("audit_events WHERE kind = 'conflict_recorded'"), 1)
  })
}

import assert from 'node:assert/strict'
import { LIFETIMES } from '../../../src/domain/session.ts'
import { DAY } from '../../../src/domain/time.ts'
import { atOnce, bytesOf, CLUB, type DescribedTables, NEWS, SHOP } from '../store-fixture.ts'

/** What one login writes down, what it leaves alone, and what becomes of many at once. */
export function tablesOfLogins({ that }: DescribedTables): void {
  that(
    'a login writes user, identity, session, code, audit and outbox together, each as it was given',
    async (fixture) => {
      const { facts } = await fixture.logIn({ unionid: 'u_mei', code: 'code-1', nonce: 'nonce-1' })
      const { act, session, newUserId } = facts
      const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex')
      assert.deepEqual(await fixture.select('SELECT * FROM users'), [
        {
          id: newUserId,
          realm_id: 'default',
          status: 'active',
          created_at: act.now,
          unionid: 'u_mei',
          survivor_id: null,
        },
      ])
      assert.deepEqual(await fixture.select('SELECT * FROM identities'), [
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
      assert.deepEqual(await fixture.select('SELECT * FROM sessions'), [
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
      assert.deepEqual(await fixture.select('SELECT * FROM login_codes'), [
        {
          app_id: SHOP,
          code_hash: hex(bytesOf('code-1')),
          nonce_hash: hex(bytesOf('nonce-1')),
          session_id: session.id,
          is_new: 1,
          created_at: act.now,
        },
      ])
      const [login] = await fixture.store.events.list({ after: undefined, limit: 1, kind: 'login', userId: undefined })
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
      const [told] = await fixture.store.events.claim({ now: act.now, lapse: 1, limit: 10 })
      assert.deepEqual(
        { ...told, seq: 0 },
        { seq: 0, at: act.now, kind: 'user.created', userId: newUserId, detail: { appId: SHOP } },
      )
    },
  )

  that('every byte of a sealed session key and of a salt comes back', async (fixture) => {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    const given = fixture.facts({ sealed: all })
    const login = await fixture.commit({
      ...given,
      session: { ...given.session, step: { ...given.session.step, salt: all } },
    })
    assert.deepEqual((await fixture.session(login)).current.salt, all)
    const [row] = await fixture.select('SELECT session_key_sealed FROM identities')
    assert.equal(row?.session_key_sealed, Buffer.from(all).toString('hex'))
  })

  that('a sealed key of no bytes is not the same as none', async (fixture) => {
    await fixture.logIn({ openid: 'o_empty', sealed: new Uint8Array() })
    await fixture.logIn({ openid: 'o_none', sealed: undefined })
    assert.deepEqual(
      await fixture.select('SELECT openid, session_key_sealed, session_key_at FROM identities ORDER BY openid'),
      [
        { openid: 'o_empty', session_key_sealed: '', session_key_at: fixture.now() },
        { openid: 'o_none', session_key_sealed: null, session_key_at: null },
      ],
    )
  })

  that('the newest session key replaces the one before; a method without one leaves it', async (fixture) => {
    await fixture.logIn({ sealed: bytesOf('first') })
    fixture.pass(1000)
    await fixture.logIn({ sealed: bytesOf('second') })
    fixture.pass(1000)
    await fixture.logIn({ sealed: undefined, method: { name: 'cloud-run' } })
    assert.deepEqual(
      await fixture.select('SELECT session_key_sealed, session_key_at, first_seen_at, last_seen_at FROM identities'),
      [
        {
          session_key_sealed: Buffer.from('second').toString('hex'),
          session_key_at: fixture.now() - 1000,
          first_seen_at: fixture.now() - 2000,
          last_seen_at: fixture.now(),
        },
      ],
    )
  })

  that('a login that fails half way leaves nothing behind', async (fixture) => {
    const first = await fixture.logIn()
    const tables = ['users', 'identities', 'sessions', 'login_codes', 'audit_events', 'outbox', 'unifications']
    const before = await Promise.all(tables.map(fixture.count))
    const bound = fixture.facts({ app: CLUB, openid: 'c_mei', unionid: 'u_mei', code: 'code-2' })
    // The session's id is taken: the very last thing that a login writes about itself fails.
    await assert.rejects(fixture.store.logins.commit({ ...bound, session: first.facts.session }))
    assert.deepEqual(await Promise.all(tables.map(fixture.count)), before)
  })

  that('T16 a unification that fails half way leaves both users as they were', async (fixture) => {
    const shop = await fixture.logIn()
    fixture.pass(1)
    const club = await fixture.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    const unifying = fixture.facts({ unionid: 'u_mei' })
    await assert.rejects(fixture.store.logins.commit({ ...unifying, session: shop.facts.session }))
    for (const { user } of [shop, club]) {
      const found = await fixture.user(user.id)
      assert.deepEqual([found.user.id, found.user.status, found.identities.length], [user.id, 'active', 1])
    }
    assert.equal(await fixture.count('unifications'), 0)
    assert.equal(await fixture.announced('user.unified'), 0)
  })

  that('an app that moved to another realm a moment ago lets nobody in under the old one', async (fixture) => {
    const first = fixture.facts({ code: 'code-1' })
    await fixture.store.registry.changeApp({ act: fixture.act(), appId: SHOP, change: { realmId: 'rival' as never } })
    assert.equal(await fixture.store.logins.commit(first), 'app_gone')
    assert.deepEqual(await Promise.all(['users', 'identities', 'login_codes'].map(fixture.count)), [0, 0, 0])
  })

  that('sessions that ended or lie idle beyond their life take nobody else’s place', async (fixture) => {
    const idle = await fixture.logIn()
    fixture.pass(LIFETIMES.idle)
    const logins = []
    for (let device = 0; device < 10; device++) logins.push(await fixture.logIn())
    const { user } = idle
    const [gone] = logins
    await fixture.store.sessions.end({
      act: fixture.act(),
      userId: user.id,
      sessionId: gone?.facts.session.id as never,
      reason: 'logout',
    })
    await fixture.logIn()
    assert.equal((await fixture.session(idle)).ended, undefined)
    assert.equal(await fixture.count("sessions WHERE ended = 'crowded_out'"), 0)
    assert.equal(
      (await fixture.store.sessions.listOf({ userId: user.id, now: fixture.now(), lifetimes: LIFETIMES })).length,
      10,
    )
  })

  that(
    'T20 when the clock steps back, the login that makes a session never crowds out that session',
    async (fixture) => {
      for (let device = 0; device < 10; device++) {
        await fixture.logIn()
        fixture.pass(1000)
      }
      fixture.pass(-DAY)
      const back = await fixture.logIn()
      assert.equal((await fixture.session(back)).ended, undefined)
      assert.equal(await fixture.count('sessions WHERE ended IS NULL'), 10)
    },
  )

  that('T15 two hundred first logins of one person at once make one user', async (fixture) => {
    const logins = await atOnce(200, () => fixture.logIn({ unionid: 'u_mei' }))
    assert.equal(new Set(logins.map(({ user }) => user.id)).size, 1)
    assert.equal(logins.filter(({ decision }) => decision === 'create').length, 1)
    assert.deepEqual(await Promise.all(['users', 'identities', 'outbox'].map(fixture.count)), [1, 1, 1])
    assert.equal(await fixture.count('sessions WHERE ended IS NULL'), 10)
    assert.equal(await fixture.count('sessions'), 200)
  })

  that('T15 two hundred first logins in two apps at once with one unionid make one user', async (fixture) => {
    const logins = await atOnce(200, (index) =>
      index % 2 === 0
        ? fixture.logIn({ unionid: 'u_mei' })
        : fixture.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' }),
    )
    assert.equal(new Set(logins.map(({ user }) => user.id)).size, 1)
    assert.deepEqual(await Promise.all(['users', 'identities', 'unifications'].map(fixture.count)), [1, 2, 0])
  })

  that('T15 I4 three users of one person, whose apps all tell the unionid at once, become one', async (fixture) => {
    for (let round = 0; round < 5; round++) {
      const visits = [SHOP, CLUB, NEWS].map((app) => ({ app, openid: `o_${round}` }))
      for (const visit of visits) await fixture.logIn(visit)
      await atOnce(30, (index) => fixture.logIn({ ...visits[index % 3], unionid: `u_${round}` }))
      const owners = await fixture.select(`SELECT DISTINCT user_id FROM identities WHERE openid = 'o_${round}'`)
      assert.equal(owners.length, 1)
    }
  })

  that('T14 two unionids that reach one user at once: one is attached, the other is a conflict', async (fixture) => {
    for (let round = 0; round < 10; round++) {
      const name = `o_${round}`
      await fixture.logIn({ openid: name })
      const logins = await Promise.all(
        [`u_${round}a`, `u_${round}b`].map((unionid) => fixture.logIn({ openid: name, unionid })),
      )
      assert.deepEqual(logins.map(({ decision }) => decision).sort(), ['conflict', 'sign-in'])
    }
    assert.equal(await fixture.count('conflicts'), 10)
  })

  that('a hundred sights of one conflict at once are all counted', async (fixture) => {
    await fixture.logIn({ unionid: 'u_mei' })
    await atOnce(100, () => fixture.logIn({ unionid: 'u_new' }))
    assert.deepEqual(await fixture.select('SELECT count FROM conflicts'), [{ count: 100 }])
    assert.equal(await fixture.audited('conflict_recorded'), 1)
  })
}

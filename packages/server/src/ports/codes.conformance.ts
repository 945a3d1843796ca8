import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { atOnce, bytesOf, CLUB, newPlace, type Open, type Place, SHOP } from './under-test.conformance.ts'

/** What a code led to, and assertions that work once. */
export function codesConformance(name: string, openStore: Open): void {
  const that = (sentence: string, work: (place: Place) => Promise<void>): void => {
    test(`${name}: ${sentence}`, async (t: TestContext) => work(await newPlace(t, openStore)))
  }
  const answerTo = ({ store }: Place, code: string, app = SHOP) =>
    store.logins.findByCode({ appId: app, codeHash: bytesOf(code) })

  that('T07 a code answers with the login it led to, as it stands', async (place) => {
    const login = await place.logIn({ unionid: 'u_mei', code: 'code-1', nonce: 'nonce-1' })
    const answer = await answerTo(place, 'code-1')
    assert.deepEqual(answer, {
      createdAt: place.now(),
      nonceHash: bytesOf('nonce-1'),
      isNew: true,
      session: await place.session(login),
      user: login.user,
    })
  })

  that('T07 a code without a nonce, of somebody known, says so', async (place) => {
    await place.logIn()
    await place.logIn({ code: 'code-1' })
    const answer = await answerTo(place, 'code-1')
    assert.equal(answer?.nonceHash, undefined)
    assert.equal(answer?.isNew, false)
  })

  that('T07 a code that led nowhere has no answer', async (place) => {
    assert.equal(await answerTo(place, 'code-1'), undefined)
  })

  that('T08 a code answers in its own app only', async (place) => {
    await place.logIn({ code: 'code-1' })
    assert.equal(await answerTo(place, 'code-1', CLUB), undefined)
  })

  that('T07 the login that a code led to first is the one it is remembered by', async (place) => {
    const first = await place.logIn({ code: 'code-1' })
    await place.logIn({ code: 'code-1' })
    assert.equal((await answerTo(place, 'code-1'))?.session?.id, first.facts.session.id)
  })

  that('a code shows that its session was refreshed since', async (place) => {
    const login = await place.logIn({ code: 'code-1' })
    await place.refresh(login.facts.session, login.step)
    assert.equal((await answerTo(place, 'code-1'))?.session?.current.generation, 1)
  })

  that('a code shows that its session has ended', async (place) => {
    const { user, facts } = await place.logIn({ code: 'code-1' })
    await place.store.sessions.end({
      act: place.act(),
      userId: user.id,
      sessionId: facts.session.id,
      reason: 'logout',
    })
    assert.equal((await answerTo(place, 'code-1'))?.session?.ended, 'logout')
  })

  that('T11 a code shows that its user was blocked since, and one of a blocked user has no session', async (place) => {
    const { user } = await place.logIn({ code: 'code-1' })
    await place.store.users.block({ act: place.act(), userId: user.id })
    assert.equal((await answerTo(place, 'code-1'))?.user?.status, 'blocked')
    await place.logIn({ code: 'code-2' })
    const refused = await answerTo(place, 'code-2')
    assert.deepEqual([refused?.session, refused?.user], [undefined, undefined])
  })

  that('T16 a code of a user who was absorbed since answers with the survivor', async (place) => {
    const shop = await place.logIn()
    place.pass(1)
    const club = await place.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei', code: 'code-1' })
    await place.logIn({ unionid: 'u_mei' })
    const answer = await answerTo(place, 'code-1', CLUB)
    assert.deepEqual(answer?.user, {
      id: shop.user.id,
      status: 'active',
      formerIds: [club.user.id],
      unionid: 'u_mei',
    })
    assert.equal(answer?.session?.userId, shop.user.id)
  })

  that('a deleted user’s codes are forgotten with them', async (place) => {
    const { user } = await place.logIn({ code: 'code-1' })
    await place.store.users.delete({ act: place.act(), userId: user.id })
    assert.equal(await answerTo(place, 'code-1'), undefined)
  })

  that('a development code is not remembered', async (place) => {
    await place.logIn()
    assert.equal(await place.count('login_codes'), 0)
  })

  that('T07 one code that reaches the store twenty times at once is remembered by one login', async (place) => {
    const logins = await atOnce(20, () => place.logIn({ code: 'code-1' }))
    const answer = await answerTo(place, 'code-1')
    assert.ok(logins.some(({ facts }) => facts.session.id === answer?.session?.id))
    assert.equal(await place.count('login_codes'), 1)
  })

  const cloudMethod = (jti: string, cloudKeyId = 'ck_1') =>
    ({ name: 'cloud-function', cloudKeyId, jti, expiresAt: 2e12 }) as const
  const addKey = (place: Place, id = 'ck_1') =>
    place.store.registry.addCloudKey({
      act: place.act(),
      key: { id, appId: SHOP, publicJwk: '{}', trustsUnionid: false, createdAt: place.now(), revokedAt: undefined },
    })

  that('an assertion lets somebody in once, and its session bears the key', async (place) => {
    await addKey(place)
    const login = await place.logIn({ method: cloudMethod('jti-1'), sealed: undefined })
    assert.equal(login.decision, 'create')
    assert.deepEqual(await place.select('SELECT cloud_key_id FROM sessions'), [{ cloud_key_id: 'ck_1' }])
    const again = place.facts({ method: cloudMethod('jti-1') })
    assert.equal(await place.store.logins.commit(again), 'assertion_replayed')
    assert.equal(await place.count('sessions'), 1)
  })

  that('an assertion that comes twenty times at once lets in once', async (place) => {
    await addKey(place)
    const outcomes = await atOnce(20, () => place.store.logins.commit(place.facts({ method: cloudMethod('jti-1') })))
    assert.equal(outcomes.filter((outcome) => outcome === 'assertion_replayed').length, 19)
    assert.deepEqual(await Promise.all(['users', 'sessions'].map(place.count)), [1, 1])
  })

  that('the same jti under another key is another assertion', async (place) => {
    await addKey(place)
    await addKey(place, 'ck_2')
    await place.logIn({ method: cloudMethod('jti-1') })
    const other = await place.logIn({ method: cloudMethod('jti-1', 'ck_2') })
    assert.equal(other.hasSession, true)
  })

  that('a revoked key, and one that never was, let nobody in and spend nothing', async (place) => {
    await addKey(place)
    await place.store.registry.revokeCloudKey({ act: place.act(), id: 'ck_1', endSessions: false })
    for (const key of ['ck_1', 'ck_9']) {
      assert.equal(await place.store.logins.commit(place.facts({ method: cloudMethod('jti-1', key) })), 'key_revoked')
    }
    assert.deepEqual(
      await Promise.all(['users', 'spent_assertions', "audit_events WHERE kind = 'login'"].map(place.count)),
      [0, 0, 0],
    )
  })

  that('an assertion whose login fails is not spent', async (place) => {
    await addKey(place)
    const first = await place.logIn()
    const failing = place.facts({ openid: 'o_bo', method: cloudMethod('jti-1') })
    await assert.rejects(place.store.logins.commit({ ...failing, session: first.facts.session }))
    assert.equal(await place.count('spent_assertions'), 0)
    assert.equal((await place.logIn({ openid: 'o_bo', method: cloudMethod('jti-1') })).hasSession, true)
  })

  that(
    'T25 a key revoked with its sessions, while logins come through it, leaves no session of it alive',
    async (place) => {
      for (let round = 0; round < 10; round++) {
        const key = `ck_r${round}`
        await addKey(place, key)
        const logins = atOnce(8, (index) =>
          place.store.logins.commit(
            place.facts({ openid: `o_${round}_${index}`, method: cloudMethod(`jti-${index}`, key) }),
          ),
        )
        const revoked = place.store.registry.revokeCloudKey({ act: place.act(), id: key, endSessions: true })
        await Promise.all([logins, revoked])
        assert.equal(await place.count(`sessions WHERE cloud_key_id = '${key}' AND ended IS NULL`), 0)
      }
    },
  )
}

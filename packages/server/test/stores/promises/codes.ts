import assert from 'node:assert/strict'
import { bytesOf, CLUB, type DescribedStore, SHOP, type StoreFixture } from '../store-fixture.ts'

/** What a code led to, and assertions that work once. */
export function promisesOfCodes({ that }: DescribedStore): void {
  const answerTo = ({ store }: StoreFixture, code: string, app = SHOP) =>
    store.logins.findByCode({ appId: app, codeHash: bytesOf(code) })

  that('T07 a code answers with the login it led to, as it stands', async (fixture) => {
    const login = await fixture.logIn({ unionid: 'u_mei', code: 'code-1', nonce: 'nonce-1' })
    const answer = await answerTo(fixture, 'code-1')
    assert.deepEqual(answer, {
      createdAt: fixture.now(),
      nonceHash: bytesOf('nonce-1'),
      isNew: true,
      session: await fixture.session(login),
      user: login.user,
    })
  })

  that('T07 a code without a nonce, of somebody known, says so', async (fixture) => {
    await fixture.logIn()
    await fixture.logIn({ code: 'code-1' })
    const answer = await answerTo(fixture, 'code-1')
    assert.equal(answer?.nonceHash, undefined)
    assert.equal(answer?.isNew, false)
  })

  that('T07 a code that led nowhere has no answer', async (fixture) => {
    assert.equal(await answerTo(fixture, 'code-1'), undefined)
  })

  that('T08 a code answers in its own app only', async (fixture) => {
    await fixture.logIn({ code: 'code-1' })
    assert.equal(await answerTo(fixture, 'code-1', CLUB), undefined)
  })

  that('T07 the login that a code led to first is the one it is remembered by', async (fixture) => {
    const first = await fixture.logIn({ code: 'code-1' })
    await fixture.logIn({ code: 'code-1' })
    assert.equal((await answerTo(fixture, 'code-1'))?.session?.id, first.facts.session.id)
  })

  that('a code shows that its session was refreshed since', async (fixture) => {
    const login = await fixture.logIn({ code: 'code-1' })
    await fixture.refresh(login.facts.session, login.step)
    assert.equal((await answerTo(fixture, 'code-1'))?.session?.current.generation, 1)
  })

  that('a code shows that its session has ended', async (fixture) => {
    const { user, facts } = await fixture.logIn({ code: 'code-1' })
    await fixture.store.sessions.end({
      act: fixture.act(),
      userId: user.id,
      sessionId: facts.session.id,
      reason: 'logout',
    })
    assert.equal((await answerTo(fixture, 'code-1'))?.session?.ended, 'logout')
  })

  that(
    'T11 a code shows that its user was blocked since, and one of a blocked user has no session',
    async (fixture) => {
      const { user } = await fixture.logIn({ code: 'code-1' })
      await fixture.store.users.block({ act: fixture.act(), userId: user.id })
      assert.equal((await answerTo(fixture, 'code-1'))?.user?.status, 'blocked')
      await fixture.logIn({ code: 'code-2' })
      const refused = await answerTo(fixture, 'code-2')
      assert.deepEqual([refused?.session, refused?.user], [undefined, undefined])
    },
  )

  that('T16 a code of a user who was absorbed since answers with the survivor', async (fixture) => {
    const shop = await fixture.logIn()
    fixture.pass(1)
    const club = await fixture.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei', code: 'code-1' })
    await fixture.logIn({ unionid: 'u_mei' })
    const answer = await answerTo(fixture, 'code-1', CLUB)
    assert.deepEqual(answer?.user, {
      id: shop.user.id,
      status: 'active',
      formerIds: [club.user.id],
      unionid: 'u_mei',
    })
    assert.equal(answer?.session?.userId, shop.user.id)
  })

  that('a deleted user’s codes are forgotten with them', async (fixture) => {
    const { user } = await fixture.logIn({ code: 'code-1' })
    await fixture.store.users.delete({ act: fixture.act(), userId: user.id })
    assert.equal(await answerTo(fixture, 'code-1'), undefined)
  })

  const cloudMethod = (jti: string, cloudKeyId = 'ck_1') =>
    ({ name: 'cloud-function', cloudKeyId, jti, expiresAt: 2e12 }) as const
  const addKey = (fixture: StoreFixture, id = 'ck_1') =>
    fixture.store.registry.addCloudKey({
      act: fixture.act(),
      key: { id, appId: SHOP, publicJwk: '{}', trustsUnionid: false, createdAt: fixture.now(), revokedAt: undefined },
    })

  that('the same jti under another key is another assertion', async (fixture) => {
    await addKey(fixture)
    await addKey(fixture, 'ck_2')
    await fixture.logIn({ method: cloudMethod('jti-1') })
    const other = await fixture.logIn({ method: cloudMethod('jti-1', 'ck_2') })
    assert.equal(other.hasSession, true)
  })
}

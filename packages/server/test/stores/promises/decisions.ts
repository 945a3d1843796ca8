import assert from 'node:assert/strict'
import type { UserId } from '../../../src/domain/ids.ts'
import { CLUB, type DescribedStore, type LoggedIn, SHOP, type StoreFixture } from '../store-fixture.ts'

/** The table of "whose user is it?", row by row, each also with blocked users; and what does not follow from a row. */
export function promisesOfDecisions({ that }: DescribedStore): void {
  that('nobody known, no unionid: a new user', async ({ logIn, user }) => {
    const login = await logIn({ openid: 'o_1' })
    assert.deepEqual(outcomeOf(login), { decision: 'create', status: 'active', unionid: undefined, hasSession: true })
    assert.equal(login.user.id, login.facts.newUserId)
    assert.deepEqual(login.user.formerIds, [])
    assert.equal((await user(login.user.id)).identities.length, 1)
  })

  that('nobody known, a unionid: a new user who holds it', async ({ logIn, user }) => {
    const login = await logIn({ openid: 'o_1', unionid: 'u_mei' })
    assert.deepEqual(outcomeOf(login), { decision: 'create', status: 'active', unionid: 'u_mei', hasSession: true })
    assert.equal((await user(login.user.id)).user.unionid, 'u_mei')
  })

  that('T11 a known openid, no unionid, blocked: known, and no session', async (fixture) => {
    const first = await fixture.logIn()
    await block(fixture, first)
    const again = await fixture.logIn()
    assert.deepEqual(outcomeOf(again), {
      decision: 'sign-in',
      status: 'blocked',
      unionid: undefined,
      hasSession: false,
    })
    await hasNoSession(fixture, first.user.id)
  })

  that('T12 a unionid that comes late is attached to the user who was there before', async ({ logIn, user }) => {
    const first = await logIn()
    const late = await logIn({ unionid: 'u_mei' })
    assert.deepEqual(outcomeOf(late), { decision: 'sign-in', status: 'active', unionid: 'u_mei', hasSession: true })
    assert.equal(late.user.id, first.user.id)
    assert.equal((await user(first.user.id)).user.unionid, 'u_mei')
  })

  that('T11 a unionid that comes late is attached to a blocked user too, who stays outside', async (fixture) => {
    const first = await fixture.logIn()
    await block(fixture, first)
    const late = await fixture.logIn({ unionid: 'u_mei' })
    assert.deepEqual(outcomeOf(late), { decision: 'sign-in', status: 'blocked', unionid: 'u_mei', hasSession: false })
    const second = await fixture.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    assert.deepEqual(outcomeOf(second), { decision: 'link', status: 'blocked', unionid: 'u_mei', hasSession: false })
    await hasNoSession(fixture, first.user.id)
  })

  that('an openid that is new, a unionid that is known: one more identity of that user', async ({ logIn, user }) => {
    const shop = await logIn({ unionid: 'u_mei' })
    const club = await logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    assert.deepEqual(outcomeOf(club), { decision: 'link', status: 'active', unionid: 'u_mei', hasSession: true })
    assert.equal(club.user.id, shop.user.id)
    assert.deepEqual(
      (await user(shop.user.id)).identities.map(({ appId, openid }) => [appId, openid]),
      [
        [SHOP, 'o_mei'],
        [CLUB, 'c_mei'],
      ],
    )
  })

  that('T11 opening a second app sheds no ban: the identity is linked and gets no session', async (fixture) => {
    const shop = await fixture.logIn({ unionid: 'u_mei' })
    await block(fixture, shop)
    const club = await fixture.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    assert.deepEqual(outcomeOf(club), { decision: 'link', status: 'blocked', unionid: 'u_mei', hasSession: false })
    assert.equal((await fixture.user(shop.user.id)).identities.length, 2)
    await hasNoSession(fixture, shop.user.id)
  })

  that('openid and unionid are of one user: signed in', async ({ logIn }) => {
    const first = await logIn({ unionid: 'u_mei' })
    const again = await logIn({ unionid: 'u_mei' })
    assert.deepEqual(outcomeOf(again), { decision: 'sign-in', status: 'active', unionid: 'u_mei', hasSession: true })
    assert.equal(again.user.id, first.user.id)
  })

  that('T11 openid and unionid are of one user who is blocked: no session', async (fixture) => {
    const first = await fixture.logIn({ unionid: 'u_mei' })
    await block(fixture, first)
    const again = await fixture.logIn({ unionid: 'u_mei' })
    assert.deepEqual(outcomeOf(again), { decision: 'sign-in', status: 'blocked', unionid: 'u_mei', hasSession: false })
    await hasNoSession(fixture, first.user.id)
  })

  that('WeChat leaves the unionid out: signed in, and the one we hold stays', async ({ logIn, user }) => {
    const first = await logIn({ unionid: 'u_mei' })
    const again = await logIn()
    assert.deepEqual(outcomeOf(again), { decision: 'sign-in', status: 'active', unionid: 'u_mei', hasSession: true })
    assert.equal((await user(first.user.id)).user.unionid, 'u_mei')
  })

  that('T11 WeChat leaves the unionid of a blocked user out: no session', async (fixture) => {
    const first = await fixture.logIn({ unionid: 'u_mei' })
    await block(fixture, first)
    const again = await fixture.logIn()
    assert.deepEqual(outcomeOf(again), { decision: 'sign-in', status: 'blocked', unionid: 'u_mei', hasSession: false })
    await hasNoSession(fixture, first.user.id)
  })

  that('T11 two blocked users who are one person become one blocked user', async (fixture) => {
    const { unifying } = await twoInOne(fixture, 'shop', async (fixture, them) => {
      await block(fixture, them.shop)
      await block(fixture, them.club)
    })
    assert.deepEqual(outcomeOf(unifying), { decision: 'unify', status: 'blocked', unionid: 'u_mei', hasSession: false })
    await hasNoSession(fixture, unifying.user.id)
  })

  that(
    'of two users made in the same millisecond the one whose id sorts first survives, on every store',
    async (fixture) => {
      const shop = await fixture.logIn()
      const club = await fixture.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
      const [survivor, absorbed] = [shop.user.id, club.user.id].sort()
      const unifying = await fixture.logIn({ unionid: 'u_mei' })
      assert.equal(unifying.user.id, survivor)
      assert.deepEqual(unifying.user.formerIds, [absorbed])
    },
  )

  that('a conflict with a unionid whose holder is blocked keeps nobody else out', async (fixture) => {
    const mei = await fixture.logIn({ unionid: 'u_mei' })
    const bo = await fixture.logIn({ app: CLUB, openid: 'c_bo', unionid: 'u_bo' })
    await block(fixture, bo)
    const swapped = await fixture.logIn({ unionid: 'u_bo' })
    assert.deepEqual(outcomeOf(swapped), { decision: 'conflict', status: 'active', unionid: 'u_mei', hasSession: true })
    assert.equal(swapped.user.id, mei.user.id)
  })

  that(
    'the same openid in another app is another identity, and without a unionid another person',
    async ({ logIn }) => {
      const shop = await logIn({ openid: 'o_same' })
      const club = await logIn({ app: CLUB, openid: 'o_same' })
      assert.notEqual(club.user.id, shop.user.id)
    },
  )

  that('openids and unionids that differ only by case are different people', async ({ logIn }) => {
    const ids = [
      await logIn({ openid: 'o_mei', unionid: 'u_mei' }),
      await logIn({ openid: 'o_Mei', unionid: 'U_mei' }),
      await logIn({ openid: 'O_mei', unionid: 'u_MEI' }),
    ].map(({ user }) => user.id)
    assert.equal(new Set(ids).size, 3)
  })

  that('T16 after a unification sessions made before it belong to the survivor', async (fixture) => {
    const { shop, club } = await twoInOne(fixture, 'shop')
    const found = await fixture.store.sessions.find(club.facts.session.id)
    assert.equal(found?.user.id, shop.user.id)
    assert.deepEqual(found?.user.formerIds, [club.user.id])
    const refreshed = await fixture.refresh({ id: club.facts.session.id }, club.step)
    assert.equal(refreshed.verdict, 'rotate')
    assert.equal(refreshed.user?.id, shop.user.id)
  })
}

const outcomeOf = ({ decision, user, hasSession }: LoggedIn) => ({
  decision,
  status: user.status,
  unionid: user.unionid,
  hasSession,
})

async function block({ store, act }: StoreFixture, { user }: LoggedIn): Promise<void> {
  assert.equal(await store.users.block({ act: act(), userId: user.id }), true)
}

async function hasNoSession({ store, now }: StoreFixture, user: UserId): Promise<void> {
  const lifetimes = { access: 1, idle: 1e12, absolute: 1e12, grace: 1, codeMemory: 1 }
  assert.deepEqual(await store.sessions.listOf({ userId: user, now: now(), lifetimes }), [])
}

type Two = { shop: LoggedIn; club: LoggedIn }

/** Two users, one who holds the unionid and one who was never told it, until the latter's app tells it. */
async function twoInOne(
  fixture: StoreFixture,
  elder: keyof Two,
  meanwhile: (fixture: StoreFixture, them: Two) => Promise<void> = async () => undefined,
): Promise<Two & { unifying: LoggedIn }> {
  const visits = { shop: { app: SHOP, openid: 'o_mei' }, club: { app: CLUB, openid: 'c_mei', unionid: 'u_mei' } }
  const younger = elder === 'shop' ? 'club' : 'shop'
  const first = await fixture.logIn(visits[elder])
  fixture.pass(1)
  const second = await fixture.logIn(visits[younger])
  const them = elder === 'shop' ? { shop: first, club: second } : { shop: second, club: first }
  await meanwhile(fixture, them)
  fixture.pass(1)
  return { ...them, unifying: await fixture.logIn({ ...visits.shop, unionid: 'u_mei' }) }
}

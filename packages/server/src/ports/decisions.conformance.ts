import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { UserId } from '../domain/ids.ts'
import {
  CLUB,
  checkGraph,
  type LoggedIn,
  NEWS,
  newPlace,
  type Open,
  type Place,
  RIVAL,
  SHOP,
} from './under-test.conformance.ts'

/** The table of "whose account is it?", row by row, each also with blocked users; and what does not follow from a row. */
export function decisionsConformance(name: string, openStore: Open): void {
  const that = (sentence: string, work: (place: Place) => Promise<void>): void => {
    test(`${name}: ${sentence}`, async (t: TestContext) => {
      const place = await newPlace(t, openStore)
      await work(place)
      await checkGraph(place)
    })
  }

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

  that('a known openid, no unionid: the same user', async ({ logIn, select }) => {
    const first = await logIn()
    const again = await logIn()
    assert.deepEqual(outcomeOf(again), { decision: 'sign-in', status: 'active', unionid: undefined, hasSession: true })
    assert.equal(again.user.id, first.user.id)
    assert.deepEqual(await select('SELECT id FROM users'), [{ id: first.user.id }])
  })

  that('T11 a known openid, no unionid, blocked: known, and no session', async (place) => {
    const first = await place.logIn()
    await block(place, first)
    const again = await place.logIn()
    assert.deepEqual(outcomeOf(again), {
      decision: 'sign-in',
      status: 'blocked',
      unionid: undefined,
      hasSession: false,
    })
    await hasNoSession(place, first.user.id)
  })

  that('T12 a unionid that comes late is attached to the user who was there before', async ({ logIn, user }) => {
    const first = await logIn()
    const late = await logIn({ unionid: 'u_mei' })
    assert.deepEqual(outcomeOf(late), { decision: 'sign-in', status: 'active', unionid: 'u_mei', hasSession: true })
    assert.equal(late.user.id, first.user.id)
    assert.equal((await user(first.user.id)).user.unionid, 'u_mei')
  })

  that('T11 a unionid that comes late is attached to a blocked user too, who stays outside', async (place) => {
    const first = await place.logIn()
    await block(place, first)
    const late = await place.logIn({ unionid: 'u_mei' })
    assert.deepEqual(outcomeOf(late), { decision: 'sign-in', status: 'blocked', unionid: 'u_mei', hasSession: false })
    const second = await place.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    assert.deepEqual(outcomeOf(second), { decision: 'link', status: 'blocked', unionid: 'u_mei', hasSession: false })
    await hasNoSession(place, first.user.id)
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

  that('T11 opening a second app sheds no ban: the identity is linked and gets no session', async (place) => {
    const shop = await place.logIn({ unionid: 'u_mei' })
    await block(place, shop)
    const club = await place.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    assert.deepEqual(outcomeOf(club), { decision: 'link', status: 'blocked', unionid: 'u_mei', hasSession: false })
    assert.equal((await place.user(shop.user.id)).identities.length, 2)
    await hasNoSession(place, shop.user.id)
  })

  that('openid and unionid are of one user: signed in', async ({ logIn }) => {
    const first = await logIn({ unionid: 'u_mei' })
    const again = await logIn({ unionid: 'u_mei' })
    assert.deepEqual(outcomeOf(again), { decision: 'sign-in', status: 'active', unionid: 'u_mei', hasSession: true })
    assert.equal(again.user.id, first.user.id)
  })

  that('T11 openid and unionid are of one user who is blocked: no session', async (place) => {
    const first = await place.logIn({ unionid: 'u_mei' })
    await block(place, first)
    const again = await place.logIn({ unionid: 'u_mei' })
    assert.deepEqual(outcomeOf(again), { decision: 'sign-in', status: 'blocked', unionid: 'u_mei', hasSession: false })
    await hasNoSession(place, first.user.id)
  })

  that('WeChat leaves the unionid out: signed in, and the one we hold stays', async ({ logIn, user }) => {
    const first = await logIn({ unionid: 'u_mei' })
    const again = await logIn()
    assert.deepEqual(outcomeOf(again), { decision: 'sign-in', status: 'active', unionid: 'u_mei', hasSession: true })
    assert.equal((await user(first.user.id)).user.unionid, 'u_mei')
  })

  that('T11 WeChat leaves the unionid of a blocked user out: no session', async (place) => {
    const first = await place.logIn({ unionid: 'u_mei' })
    await block(place, first)
    const again = await place.logIn()
    assert.deepEqual(outcomeOf(again), { decision: 'sign-in', status: 'blocked', unionid: 'u_mei', hasSession: false })
    await hasNoSession(place, first.user.id)
  })

  for (const elder of ['shop', 'club'] as const) {
    that(`two users turn out to be one person: the elder, of the ${elder}, survives`, async (place) => {
      const { shop, club, unifying } = await twoInOne(place, elder)
      const [survivor, absorbed] = elder === 'shop' ? [shop, club] : [club, shop]
      assert.deepEqual(outcomeOf(unifying), { decision: 'unify', status: 'active', unionid: 'u_mei', hasSession: true })
      assert.equal(unifying.user.id, survivor.user.id)
      assert.deepEqual(unifying.user.formerIds, [absorbed.user.id])
      const { user, identities } = await place.user(absorbed.user.id)
      assert.deepEqual([user.id, user.unionid, user.formerIds], [survivor.user.id, 'u_mei', [absorbed.user.id]])
      assert.equal(identities.length, 2)
      assert.deepEqual(
        await place.select(`SELECT status, survivor_id, unionid FROM users WHERE id = '${absorbed.user.id}'`),
        [{ status: 'unified', survivor_id: survivor.user.id, unionid: null }],
      )
    })

    that(`T11 unifying sheds no ban when the elder, of the ${elder}, was blocked`, async (place) => {
      const { shop, club, unifying } = await twoInOne(place, elder, (place, them) => block(place, them[elder]))
      assert.deepEqual(outcomeOf(unifying), {
        decision: 'unify',
        status: 'blocked',
        unionid: 'u_mei',
        hasSession: false,
      })
      await hasNoSession(place, shop.user.id)
      await hasNoSession(place, club.user.id)
    })

    that(
      `T11 unifying sheds no ban when the younger was blocked and the elder, of the ${elder}, was not`,
      async (place) => {
        const younger = elder === 'shop' ? 'club' : 'shop'
        const { shop, club, unifying } = await twoInOne(place, elder, (place, them) => block(place, them[younger]))
        assert.deepEqual(outcomeOf(unifying), {
          decision: 'unify',
          status: 'blocked',
          unionid: 'u_mei',
          hasSession: false,
        })
        await hasNoSession(place, shop.user.id)
        await hasNoSession(place, club.user.id)
      },
    )
  }

  that('T11 two blocked users who are one person become one blocked user', async (place) => {
    const { unifying } = await twoInOne(place, 'shop', async (place, them) => {
      await block(place, them.shop)
      await block(place, them.club)
    })
    assert.deepEqual(outcomeOf(unifying), { decision: 'unify', status: 'blocked', unionid: 'u_mei', hasSession: false })
    await hasNoSession(place, unifying.user.id)
  })

  that(
    'of two users made in the same millisecond the one whose id sorts first survives, on every store',
    async (place) => {
      const shop = await place.logIn()
      const club = await place.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
      const [survivor, absorbed] = [shop.user.id, club.user.id].sort()
      const unifying = await place.logIn({ unionid: 'u_mei' })
      assert.equal(unifying.user.id, survivor)
      assert.deepEqual(unifying.user.formerIds, [absorbed])
    },
  )

  that('T14 another unionid than the one we hold, which nobody has: a conflict, and nothing changes', async (place) => {
    const first = await place.logIn({ unionid: 'u_mei' })
    const moved = await place.logIn({ unionid: 'u_new' })
    assert.deepEqual(outcomeOf(moved), { decision: 'conflict', status: 'active', unionid: 'u_mei', hasSession: true })
    assert.equal((await place.user(first.user.id)).user.unionid, 'u_mei')
    assert.deepEqual(await place.select('SELECT unionid, user_id, holder_id, count FROM conflicts'), [
      { unionid: 'u_new', user_id: first.user.id, holder_id: null, count: 1 },
    ])
  })

  that(
    'T14 another unionid than the one we hold, which somebody has: a conflict that names the holder',
    async (place) => {
      const mei = await place.logIn({ unionid: 'u_mei' })
      const bo = await place.logIn({ app: CLUB, openid: 'c_bo', unionid: 'u_bo' })
      const swapped = await place.logIn({ unionid: 'u_bo' })
      assert.deepEqual(outcomeOf(swapped), {
        decision: 'conflict',
        status: 'active',
        unionid: 'u_mei',
        hasSession: true,
      })
      assert.deepEqual(await place.select('SELECT unionid, user_id, holder_id FROM conflicts'), [
        { unionid: 'u_bo', user_id: mei.user.id, holder_id: bo.user.id },
      ])
      assert.equal(await place.count("users WHERE status = 'active'"), 2)
    },
  )

  that('T11 a conflict of a blocked user is recorded and lets nobody in', async (place) => {
    const mei = await place.logIn({ unionid: 'u_mei' })
    await block(place, mei)
    const moved = await place.logIn({ unionid: 'u_new' })
    assert.deepEqual(outcomeOf(moved), { decision: 'conflict', status: 'blocked', unionid: 'u_mei', hasSession: false })
    assert.equal(await place.count('conflicts'), 1)
    await hasNoSession(place, mei.user.id)
  })

  that('a conflict with a unionid whose holder is blocked keeps nobody else out', async (place) => {
    const mei = await place.logIn({ unionid: 'u_mei' })
    const bo = await place.logIn({ app: CLUB, openid: 'c_bo', unionid: 'u_bo' })
    await block(place, bo)
    const swapped = await place.logIn({ unionid: 'u_bo' })
    assert.deepEqual(outcomeOf(swapped), { decision: 'conflict', status: 'active', unionid: 'u_mei', hasSession: true })
    assert.equal(swapped.user.id, mei.user.id)
  })

  that('a conflict that is seen again is counted, not repeated, and audited once', async (place) => {
    await place.logIn({ unionid: 'u_mei' })
    for (let time = 0; time < 3; time++) {
      place.pass(1000)
      await place.logIn({ unionid: 'u_new' })
    }
    await place.logIn({ unionid: 'u_newer' })
    assert.deepEqual(
      await place.select('SELECT unionid, count, last_seen_at - first_seen_at AS span FROM conflicts ORDER BY unionid'),
      [
        { unionid: 'u_new', count: 3, span: 2000 },
        { unionid: 'u_newer', count: 1, span: 0 },
      ],
    )
    assert.equal(await place.count("audit_events WHERE kind = 'conflict_recorded'"), 2)
  })

  that('T14 the same unionid in another realm is another person', async ({ logIn, count }) => {
    const shop = await logIn({ unionid: 'u_mei' })
    const rival = await logIn({ app: RIVAL, openid: 'r_mei', unionid: 'u_mei' })
    assert.equal(rival.decision, 'create')
    assert.notEqual(rival.user.id, shop.user.id)
    assert.equal(await count("users WHERE unionid = 'u_mei'"), 2)
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

  that('T16 a chain of unifications leaves every former id pointing straight at the last survivor', async (place) => {
    const users: UserId[] = []
    for (const app of [NEWS, CLUB, SHOP]) {
      users.push((await place.logIn({ app, openid: 'o_mei' })).user.id)
      place.pass(1)
    }
    // The middle one and the youngest meet first; then the eldest meets both.
    await place.logIn({ app: CLUB, unionid: 'u_mei' })
    await place.logIn({ app: SHOP, unionid: 'u_mei' })
    const last = await place.logIn({ app: NEWS, unionid: 'u_mei' })
    const [eldest, middle, youngest] = users
    assert.equal(last.user.id, eldest)
    assert.deepEqual(last.user.formerIds, [middle, youngest])
    assert.deepEqual(await place.select("SELECT DISTINCT survivor_id FROM users WHERE status = 'unified'"), [
      { survivor_id: eldest },
    ])
    for (const id of users) assert.equal((await place.user(id)).user.id, eldest)
  })

  that('T16 after a unification sessions made before it belong to the survivor', async (place) => {
    const { shop, club } = await twoInOne(place, 'shop')
    const found = await place.store.sessions.find(club.facts.session.id)
    assert.equal(found?.user.id, shop.user.id)
    assert.deepEqual(found?.user.formerIds, [club.user.id])
    const refreshed = await place.refresh({ id: club.facts.session.id }, club.step)
    assert.equal(refreshed.verdict, 'rotate')
    assert.equal(refreshed.user?.id, shop.user.id)
  })

  that('T16 a unification tells the product and the audit who was absorbed', async (place) => {
    const { shop, club, unifying } = await twoInOne(place, 'shop')
    const [told] = await place.select("SELECT kind, user_id, detail FROM outbox WHERE kind = 'user.unified'")
    assert.deepEqual(told, {
      kind: 'user.unified',
      user_id: shop.user.id,
      detail: JSON.stringify({ absorbed: club.user.id }),
    })
    const [event] = await place.store.events.list({
      after: undefined,
      limit: 1,
      kind: 'user_unified',
      userId: undefined,
    })
    assert.equal(event?.userId, shop.user.id)
    assert.equal(event?.detail.absorbed, club.user.id)
    assert.equal(event?.actor, unifying.facts.act.actor)
  })

  that('I4 whatever the order in which three apps are opened, one person is one user', async (place) => {
    const orders = [
      [SHOP, CLUB, NEWS],
      [SHOP, NEWS, CLUB],
      [CLUB, SHOP, NEWS],
      [CLUB, NEWS, SHOP],
      [NEWS, SHOP, CLUB],
      [NEWS, CLUB, SHOP],
    ]
    for (const [index, apps] of orders.entries()) {
      // First visits without a unionid make three users; the second ones tell who they are.
      for (const app of apps) await place.logIn({ app, openid: `o_${index}` })
      for (const app of apps) await place.logIn({ app, openid: `o_${index}`, unionid: `u_${index}` })
      const owners = await place.select(`SELECT DISTINCT user_id FROM identities WHERE openid = 'o_${index}'`)
      assert.equal(owners.length, 1)
    }
  })
}

const outcomeOf = ({ decision, user, hasSession }: LoggedIn) => ({
  decision,
  status: user.status,
  unionid: user.unionid,
  hasSession,
})

async function block({ store, act }: Place, { user }: LoggedIn): Promise<void> {
  assert.equal(await store.users.block({ act: act(), userId: user.id }), true)
}

async function hasNoSession({ store, now }: Place, user: UserId): Promise<void> {
  const lifetimes = { access: 1, idle: 1e12, absolute: 1e12, grace: 1, codeMemory: 1 }
  assert.deepEqual(await store.sessions.listOf({ userId: user, now: now(), lifetimes }), [])
}

type Two = { shop: LoggedIn; club: LoggedIn }

/** Two users, one who holds the unionid and one who was never told it, until the latter's app tells it. */
async function twoInOne(
  place: Place,
  elder: keyof Two,
  meanwhile: (place: Place, them: Two) => Promise<void> = async () => undefined,
): Promise<Two & { unifying: LoggedIn }> {
  const visits = { shop: { app: SHOP, openid: 'o_mei' }, club: { app: CLUB, openid: 'c_mei', unionid: 'u_mei' } }
  const younger = elder === 'shop' ? 'club' : 'shop'
  const first = await place.logIn(visits[elder])
  place.pass(1)
  const second = await place.logIn(visits[younger])
  const them = elder === 'shop' ? { shop: first, club: second } : { shop: second, club: first }
  await meanwhile(place, them)
  place.pass(1)
  return { ...them, unifying: await place.logIn({ ...visits.shop, unionid: 'u_mei' }) }
}

import assert from 'node:assert/strict'
import type { UserId } from '../../../src/domain/ids.ts'
import { CLUB, type DescribedTables, type LoggedIn, NEWS, RIVAL, SHOP, type TablesFixture } from '../store-fixture.ts'

/** The table of "whose user is it?", row by row, each also with blocked users; and what does not follow from a row. */
export function tablesOfDecisions({ that }: DescribedTables): void {
  that('a known openid, no unionid: the same user', async ({ logIn, select }) => {
    const first = await logIn()
    const again = await logIn()
    assert.deepEqual(outcomeOf(again), { decision: 'sign-in', status: 'active', unionid: undefined, hasSession: true })
    assert.equal(again.user.id, first.user.id)
    assert.deepEqual(await select('SELECT id FROM users'), [{ id: first.user.id }])
  })

  for (const elder of ['shop', 'club'] as const) {
    that(`two users turn out to be one person: the elder, of the ${elder}, survives`, async (fixture) => {
      const { shop, club, unifying } = await twoInOne(fixture, elder)
      const [survivor, absorbed] = elder === 'shop' ? [shop, club] : [club, shop]
      assert.deepEqual(outcomeOf(unifying), { decision: 'unify', status: 'active', unionid: 'u_mei', hasSession: true })
      assert.equal(unifying.user.id, survivor.user.id)
      assert.deepEqual(unifying.user.formerIds, [absorbed.user.id])
      const { user, identities } = await fixture.user(absorbed.user.id)
      assert.deepEqual([user.id, user.unionid, user.formerIds], [survivor.user.id, 'u_mei', [absorbed.user.id]])
      assert.equal(identities.length, 2)
      assert.deepEqual(
        await fixture.select(`SELECT status, survivor_id, unionid FROM users WHERE id = '${absorbed.user.id}'`),
        [{ status: 'unified', survivor_id: survivor.user.id, unionid: null }],
      )
    })

    that(`T11 unifying sheds no ban when the elder, of the ${elder}, was blocked`, async (fixture) => {
      const { shop, club, unifying } = await twoInOne(fixture, elder, (fixture, them) => block(fixture, them[elder]))
      assert.deepEqual(outcomeOf(unifying), {
        decision: 'unify',
        status: 'blocked',
        unionid: 'u_mei',
        hasSession: false,
      })
      await hasNoSession(fixture, shop.user.id)
      await hasNoSession(fixture, club.user.id)
    })

    that(
      `T11 unifying sheds no ban when the younger was blocked and the elder, of the ${elder}, was not`,
      async (fixture) => {
        const younger = elder === 'shop' ? 'club' : 'shop'
        const { shop, club, unifying } = await twoInOne(fixture, elder, (fixture, them) =>
          block(fixture, them[younger]),
        )
        assert.deepEqual(outcomeOf(unifying), {
          decision: 'unify',
          status: 'blocked',
          unionid: 'u_mei',
          hasSession: false,
        })
        await hasNoSession(fixture, shop.user.id)
        await hasNoSession(fixture, club.user.id)
      },
    )
  }

  that(
    'T14 another unionid than the one we hold, which nobody has: a conflict, and nothing changes',
    async (fixture) => {
      const first = await fixture.logIn({ unionid: 'u_mei' })
      const moved = await fixture.logIn({ unionid: 'u_new' })
      assert.deepEqual(outcomeOf(moved), { decision: 'conflict', status: 'active', unionid: 'u_mei', hasSession: true })
      assert.equal((await fixture.user(first.user.id)).user.unionid, 'u_mei')
      assert.deepEqual(await fixture.select('SELECT unionid, user_id, holder_id, count FROM conflicts'), [
        { unionid: 'u_new', user_id: first.user.id, holder_id: null, count: 1 },
      ])
    },
  )

  that(
    'T14 another unionid than the one we hold, which somebody has: a conflict that names the holder',
    async (fixture) => {
      const mei = await fixture.logIn({ unionid: 'u_mei' })
      const bo = await fixture.logIn({ app: CLUB, openid: 'c_bo', unionid: 'u_bo' })
      const swapped = await fixture.logIn({ unionid: 'u_bo' })
      assert.deepEqual(outcomeOf(swapped), {
        decision: 'conflict',
        status: 'active',
        unionid: 'u_mei',
        hasSession: true,
      })
      assert.deepEqual(await fixture.select('SELECT unionid, user_id, holder_id FROM conflicts'), [
        { unionid: 'u_bo', user_id: mei.user.id, holder_id: bo.user.id },
      ])
      assert.equal(await fixture.living(), 2)
    },
  )

  that('T11 a conflict of a blocked user is recorded and lets nobody in', async (fixture) => {
    const mei = await fixture.logIn({ unionid: 'u_mei' })
    await block(fixture, mei)
    const moved = await fixture.logIn({ unionid: 'u_new' })
    assert.deepEqual(outcomeOf(moved), { decision: 'conflict', status: 'blocked', unionid: 'u_mei', hasSession: false })
    assert.equal(await fixture.count('conflicts'), 1)
    await hasNoSession(fixture, mei.user.id)
  })

  that('a conflict that is seen again is counted, not repeated, and audited once', async (fixture) => {
    await fixture.logIn({ unionid: 'u_mei' })
    for (let time = 0; time < 3; time++) {
      fixture.pass(1000)
      await fixture.logIn({ unionid: 'u_new' })
    }
    await fixture.logIn({ unionid: 'u_newer' })
    assert.deepEqual(
      await fixture.select(
        'SELECT unionid, count, last_seen_at - first_seen_at AS span FROM conflicts ORDER BY unionid',
      ),
      [
        { unionid: 'u_new', count: 3, span: 2000 },
        { unionid: 'u_newer', count: 1, span: 0 },
      ],
    )
    assert.equal(await fixture.audited('conflict_recorded'), 2)
  })

  that('T14 the same unionid in another realm is another person', async ({ logIn, count }) => {
    const shop = await logIn({ unionid: 'u_mei' })
    const rival = await logIn({ app: RIVAL, openid: 'r_mei', unionid: 'u_mei' })
    assert.equal(rival.decision, 'create')
    assert.notEqual(rival.user.id, shop.user.id)
    assert.equal(await count("users WHERE unionid = 'u_mei'"), 2)
  })

  that('T16 a chain of unifications leaves every former id pointing straight at the last survivor', async (fixture) => {
    const users: UserId[] = []
    for (const app of [NEWS, CLUB, SHOP]) {
      users.push((await fixture.logIn({ app, openid: 'o_mei' })).user.id)
      fixture.pass(1)
    }
    // The middle one and the youngest meet first; then the eldest meets both.
    await fixture.logIn({ app: CLUB, unionid: 'u_mei' })
    await fixture.logIn({ app: SHOP, unionid: 'u_mei' })
    const last = await fixture.logIn({ app: NEWS, unionid: 'u_mei' })
    const [eldest, middle, youngest] = users
    assert.equal(last.user.id, eldest)
    assert.deepEqual(last.user.formerIds, [middle, youngest])
    assert.deepEqual(await fixture.select("SELECT DISTINCT survivor_id FROM users WHERE status = 'unified'"), [
      { survivor_id: eldest },
    ])
    for (const id of users) assert.equal((await fixture.user(id)).user.id, eldest)
  })

  that('T16 a unification tells the product and the audit who was absorbed', async (fixture) => {
    const { shop, club, unifying } = await twoInOne(fixture, 'shop')
    const [told] = await fixture.select("SELECT kind, user_id, detail FROM outbox WHERE kind = 'user.unified'")
    assert.deepEqual(told, {
      kind: 'user.unified',
      user_id: shop.user.id,
      detail: JSON.stringify({ absorbed: club.user.id }),
    })
    const [event] = await fixture.store.events.list({
      after: undefined,
      limit: 1,
      kind: 'user_unified',
      userId: undefined,
    })
    assert.equal(event?.userId, shop.user.id)
    assert.equal(event?.detail.absorbed, club.user.id)
    assert.equal(event?.actor, unifying.facts.act.actor)
  })

  that('I4 whatever the order in which three apps are opened, one person is one user', async (fixture) => {
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
      for (const app of apps) await fixture.logIn({ app, openid: `o_${index}` })
      for (const app of apps) await fixture.logIn({ app, openid: `o_${index}`, unionid: `u_${index}` })
      const owners = await fixture.select(`SELECT DISTINCT user_id FROM identities WHERE openid = 'o_${index}'`)
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

async function block({ store, act }: TablesFixture, { user }: LoggedIn): Promise<void> {
  assert.equal(await store.users.block({ act: act(), userId: user.id }), true)
}

async function hasNoSession({ store, now }: TablesFixture, user: UserId): Promise<void> {
  const lifetimes = { access: 1, idle: 1e12, absolute: 1e12, grace: 1, codeMemory: 1 }
  assert.deepEqual(await store.sessions.listOf({ userId: user, now: now(), lifetimes }), [])
}

type Two = { shop: LoggedIn; club: LoggedIn }

/** Two users, one who holds the unionid and one who was never told it, until the latter's app tells it. */
async function twoInOne(
  fixture: TablesFixture,
  elder: keyof Two,
  meanwhile: (fixture: TablesFixture, them: Two) => Promise<void> = async () => undefined,
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

import assert from 'node:assert/strict'
import type { UserId } from '../../../src/domain/ids.ts'
import {
  atOnce,
  CLUB,
  type DescribedStore,
  type LoggedIn,
  open,
  RIVAL,
  SHOP,
  type StoreFixture,
  union,
} from '../store-fixture.ts'

const NOBODY = `usr_${'0'.repeat(26)}` as UserId

/** Finding users by whatever id is at hand, barring them, and forgetting them. */
export function promisesOfUsers({ that }: DescribedStore): void {
  const on = ({ act }: StoreFixture, { user }: Pick<LoggedIn, 'user'>) => ({ act: act(), userId: user.id })

  that('a user is found by id, openid or unionid, with every identity', async (fixture) => {
    const { user } = await fixture.logIn({ unionid: 'u_mei' })
    fixture.pass(60_000)
    await fixture.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    const identity = { kind: 'miniprogram', pinned: false, firstSeenAt: fixture.now(), lastSeenAt: fixture.now() }
    const expected = {
      user: {
        id: user.id,
        realmId: 'default',
        status: 'active',
        createdAt: fixture.now() - 60_000,
        unionid: 'u_mei',
        formerIds: [],
      },
      identities: [
        {
          ...identity,
          appId: SHOP,
          openid: 'o_mei',
          firstSeenAt: fixture.now() - 60_000,
          lastSeenAt: fixture.now() - 60_000,
        },
        { ...identity, appId: CLUB, openid: 'c_mei' },
      ],
    }
    assert.deepEqual(await fixture.store.users.find(user.id), expected)
    assert.deepEqual(await fixture.store.users.findByIdentity({ appId: CLUB, openid: open('c_mei') }), expected)
    assert.deepEqual(await fixture.store.users.findByUnionid(union('u_mei')), [expected])
  })

  that('whom nobody knows is not found', async ({ store }) => {
    assert.equal(await store.users.find(NOBODY), undefined)
    assert.equal(await store.users.findByIdentity({ appId: SHOP, openid: open('o_nobody') }), undefined)
    assert.deepEqual(await store.users.findByUnionid(union('u_nobody')), [])
  })

  that('a unionid is looked for in every realm', async (fixture) => {
    const shop = await fixture.logIn({ unionid: 'u_mei' })
    fixture.pass(1)
    const rival = await fixture.logIn({ app: RIVAL, unionid: 'u_mei' })
    const found = await fixture.store.users.findByUnionid(union('u_mei'))
    assert.deepEqual(
      found.map(({ user }) => user.id),
      [shop.user.id, rival.user.id],
    )
  })

  that('pages of users hold everybody who lives, once, also while others arrive', async (fixture) => {
    const there = []
    for (let index = 0; index < 10; index++) {
      there.push((await fixture.logIn({ openid: `o_${index}` })).user.id)
      fixture.pass(1)
    }
    const seen: UserId[] = []
    for (let after: string | undefined, more = true; more; ) {
      const page = await fixture.store.users.list({ after, limit: 3 })
      seen.push(...page.map(({ user }) => user.id))
      after = page.at(-1)?.user.id
      more = page.length === 3 && seen.length < 30
      fixture.pass(1)
      await fixture.logIn({ openid: `o_late_${seen.length}` })
    }
    assert.deepEqual(seen.slice(0, 10), there)
    assert.equal(new Set(seen).size, seen.length)
  })

  that('tombstones and deleted users are in no list', async (fixture) => {
    const shop = await fixture.logIn()
    fixture.pass(1)
    await fixture.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    const gone = await fixture.logIn({ openid: 'o_gone' })
    const barred = await fixture.logIn({ openid: 'o_barred' })
    await fixture.logIn({ app: RIVAL })
    await fixture.logIn({ unionid: 'u_mei' })
    await fixture.store.users.delete(on(fixture, gone))
    await fixture.store.users.block(on(fixture, barred))
    const listed = (await fixture.store.users.list({ after: undefined, limit: 10 })).map(({ user }) => user.id)
    assert.ok(listed.includes(shop.user.id) && listed.includes(barred.user.id))
    assert.equal(listed.length, 3)
  })

  that('blocking twice is as good as once', async (fixture) => {
    const login = await fixture.logIn()
    assert.deepEqual(
      [await fixture.store.users.block(on(fixture, login)), await fixture.store.users.block(on(fixture, login))],
      [true, true],
    )
    assert.equal((await fixture.user(login.user.id)).user.status, 'blocked')
  })

  that('T11 T16 a block of a former id bars the survivor', async (fixture) => {
    const shop = await fixture.logIn()
    fixture.pass(1)
    const club = await fixture.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    await fixture.logIn({ unionid: 'u_mei' })
    assert.equal(await fixture.store.users.block(on(fixture, club)), true)
    assert.equal((await fixture.user(shop.user.id)).user.status, 'blocked')
    assert.equal((await fixture.session(shop)).ended, 'blocked')
  })

  that('nobody and the deleted can be neither blocked, unblocked nor deleted', async (fixture) => {
    const gone = await fixture.logIn()
    await fixture.store.users.delete(on(fixture, gone))
    for (const id of [NOBODY, gone.user.id]) {
      for (const verb of ['block', 'unblock', 'delete'] as const) {
        assert.equal(await fixture.store.users[verb]({ act: fixture.act(), userId: id }), false)
      }
    }
    assert.equal(await fixture.announced('user.deleted'), 1)
  })

  that('I8 whoever was deleted comes back as somebody new', async (fixture) => {
    const visit = { unionid: 'u_mei' }
    const before = await fixture.logIn(visit)
    await fixture.store.users.delete(on(fixture, before))
    fixture.pass(1)
    const after = await fixture.logIn(visit)
    assert.equal(after.decision, 'create')
    assert.notEqual(after.user.id, before.user.id)
    assert.deepEqual(after.user.formerIds, [])
    assert.equal((await fixture.user(before.user.id)).user.status, 'deleted')
  })

  that('a deleted user’s sessions refresh nothing', async (fixture) => {
    const login = await fixture.logIn()
    await fixture.store.users.delete(on(fixture, login))
    const outcome = await fixture.refresh(login.facts.session, login.step)
    assert.deepEqual([outcome.verdict, outcome.session], ['unknown', undefined])
  })

  that('somebody blocked can be deleted, and returns unblocked as somebody new', async (fixture) => {
    const login = await fixture.logIn()
    await fixture.store.users.block(on(fixture, login))
    assert.equal(await fixture.store.users.delete(on(fixture, login)), true)
    assert.equal((await fixture.logIn()).hasSession, true)
  })

  that('two deletions at once delete once', async (fixture) => {
    const login = await fixture.logIn()
    const done = await atOnce(10, () => fixture.store.users.delete(on(fixture, login)))
    assert.equal(done.filter(Boolean).length, 1)
    assert.equal(await fixture.announced('user.deleted'), 1)
  })

  that('T11 a block that meets a unification of the same person bars whoever remains', async (fixture) => {
    for (let round = 0; round < 15; round++) {
      const shop = await fixture.logIn({ openid: `o_${round}` })
      fixture.pass(1)
      const club = await fixture.logIn({ app: CLUB, openid: `o_${round}`, unionid: `u_${round}` })
      const [, blocked] = await Promise.all([
        fixture.logIn({ openid: `o_${round}`, unionid: `u_${round}` }),
        fixture.store.users.block(on(fixture, club)),
        fixture.logIn({ app: CLUB, openid: `o_${round}`, unionid: `u_${round}` }),
      ])
      assert.equal(blocked, true)
      assert.equal((await fixture.user(club.user.id)).user.status, 'blocked')
      assert.equal((await fixture.user(club.user.id)).user.id, shop.user.id)
      assert.equal((await fixture.user(shop.user.id)).user.status, 'blocked')
    }
  })
}

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { UserId } from '../domain/ids.ts'
import {
  atOnce,
  CLUB,
  checkGraph,
  type LoggedIn,
  NEWS,
  newPlace,
  type Open,
  open,
  type Place,
  RIVAL,
  SHOP,
  union,
} from './under-test.conformance.ts'

const NOBODY = `usr_${'0'.repeat(26)}` as UserId

/** Finding users by whatever id is at hand, barring them, and forgetting them. */
export function usersConformance(name: string, openStore: Open): void {
  const that = (sentence: string, work: (place: Place) => Promise<void>): void => {
    test(`${name}: ${sentence}`, async (t: TestContext) => {
      const place = await newPlace(t, openStore)
      await work(place)
      await checkGraph(place)
    })
  }
  const on = ({ act }: Place, { user }: Pick<LoggedIn, 'user'>) => ({ act: act(), userId: user.id })

  that('a user is found by id, openid or unionid, with every identity', async (place) => {
    const { user } = await place.logIn({ unionid: 'u_mei' })
    place.pass(60_000)
    await place.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    const identity = { kind: 'miniprogram', pinned: false, firstSeenAt: place.now(), lastSeenAt: place.now() }
    const expected = {
      user: {
        id: user.id,
        realmId: 'default',
        status: 'active',
        createdAt: place.now() - 60_000,
        unionid: 'u_mei',
        formerIds: [],
      },
      identities: [
        {
          ...identity,
          appId: SHOP,
          openid: 'o_mei',
          firstSeenAt: place.now() - 60_000,
          lastSeenAt: place.now() - 60_000,
        },
        { ...identity, appId: CLUB, openid: 'c_mei' },
      ],
    }
    assert.deepEqual(await place.store.users.find(user.id), expected)
    assert.deepEqual(await place.store.users.findByIdentity({ appId: CLUB, openid: open('c_mei') }), expected)
    assert.deepEqual(await place.store.users.findByUnionid(union('u_mei')), [expected])
  })

  that('whom nobody knows is not found', async ({ store }) => {
    assert.equal(await store.users.find(NOBODY), undefined)
    assert.equal(await store.users.findByIdentity({ appId: SHOP, openid: open('o_nobody') }), undefined)
    assert.deepEqual(await store.users.findByUnionid(union('u_nobody')), [])
  })

  that('a unionid is looked for in every realm', async (place) => {
    const shop = await place.logIn({ unionid: 'u_mei' })
    place.pass(1)
    const rival = await place.logIn({ app: RIVAL, unionid: 'u_mei' })
    const found = await place.store.users.findByUnionid(union('u_mei'))
    assert.deepEqual(
      found.map(({ user }) => user.id),
      [shop.user.id, rival.user.id],
    )
  })

  that('pages of users hold everybody who lives, once, also while others arrive', async (place) => {
    const there = []
    for (let index = 0; index < 10; index++) {
      there.push((await place.logIn({ openid: `o_${index}` })).user.id)
      place.pass(1)
    }
    const seen: UserId[] = []
    for (let after: string | undefined, more = true; more; ) {
      const page = await place.store.users.list({ after, limit: 3 })
      seen.push(...page.map(({ user }) => user.id))
      after = page.at(-1)?.user.id
      more = page.length === 3 && seen.length < 30
      place.pass(1)
      await place.logIn({ openid: `o_late_${seen.length}` })
    }
    assert.deepEqual(seen.slice(0, 10), there)
    assert.equal(new Set(seen).size, seen.length)
  })

  that('tombstones and deleted users are in no list and in no count', async (place) => {
    const shop = await place.logIn()
    place.pass(1)
    await place.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    const gone = await place.logIn({ openid: 'o_gone' })
    const barred = await place.logIn({ openid: 'o_barred' })
    await place.logIn({ app: RIVAL })
    await place.logIn({ unionid: 'u_mei' })
    await place.store.users.delete(on(place, gone))
    await place.store.users.block(on(place, barred))
    assert.equal(await place.store.users.count('default' as never), 2)
    assert.equal(await place.store.users.count('rival' as never), 1)
    assert.equal(await place.store.users.count('nowhere' as never), 0)
    const listed = (await place.store.users.list({ after: undefined, limit: 10 })).map(({ user }) => user.id)
    assert.ok(listed.includes(shop.user.id) && listed.includes(barred.user.id))
    assert.equal(listed.length, 3)
  })

  that('a block ends every session, is told and audited; lifting it is too', async (place) => {
    const login = await place.logIn()
    assert.equal(await place.store.users.block(on(place, login)), true)
    assert.equal((await place.user(login.user.id)).user.status, 'blocked')
    assert.equal((await place.session(login)).ended, 'blocked')
    assert.equal(await place.store.users.unblock(on(place, login)), true)
    assert.equal((await place.user(login.user.id)).user.status, 'active')
    assert.deepEqual(await place.select('SELECT kind, user_id FROM outbox ORDER BY seq'), [
      { kind: 'user.created', user_id: login.user.id },
      { kind: 'user.blocked', user_id: login.user.id },
      { kind: 'user.unblocked', user_id: login.user.id },
    ])
    assert.equal(await place.count("audit_events WHERE kind IN ('user_blocked', 'user_unblocked')"), 2)
  })

  that('blocking twice is as good as once', async (place) => {
    const login = await place.logIn()
    assert.deepEqual(
      [await place.store.users.block(on(place, login)), await place.store.users.block(on(place, login))],
      [true, true],
    )
    assert.equal((await place.user(login.user.id)).user.status, 'blocked')
  })

  that('T11 T16 a block of a former id bars the survivor', async (place) => {
    const shop = await place.logIn()
    place.pass(1)
    const club = await place.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    await place.logIn({ unionid: 'u_mei' })
    assert.equal(await place.store.users.block(on(place, club)), true)
    assert.equal((await place.user(shop.user.id)).user.status, 'blocked')
    assert.equal((await place.session(shop)).ended, 'blocked')
  })

  that('nobody and the deleted can be neither blocked, unblocked nor deleted', async (place) => {
    const gone = await place.logIn()
    await place.store.users.delete(on(place, gone))
    for (const id of [NOBODY, gone.user.id]) {
      for (const verb of ['block', 'unblock', 'delete'] as const) {
        assert.equal(await place.store.users[verb]({ act: place.act(), userId: id }), false)
      }
    }
    assert.equal(await place.count("outbox WHERE kind = 'user.deleted'"), 1)
  })

  that('T40 a deletion leaves an id and nothing that names the person', async (place) => {
    const { user } = await place.logIn({ openid: 'o_canary', unionid: 'u_canary', code: 'code-1' })
    await place.logIn({ app: CLUB, openid: 'c_canary', unionid: 'u_canary' })
    await place.logIn({ openid: 'o_canary', unionid: 'u_canary_2' })
    assert.equal(await place.store.users.delete(on(place, { user })), true)
    const tables = [
      'users',
      'identities',
      'sessions',
      'login_codes',
      'conflicts',
      'unifications',
      'audit_events',
      'outbox',
    ]
    for (const table of tables) {
      assert.doesNotMatch(JSON.stringify(await place.select(`SELECT * FROM ${table}`)), /canary/, table)
    }
    assert.deepEqual(await place.select('SELECT id, status, unionid FROM users'), [
      { id: user.id, status: 'deleted', unionid: null },
    ])
    assert.deepEqual(
      await Promise.all(['identities', 'sessions', 'login_codes', 'conflicts'].map(place.count)),
      [0, 0, 0, 0],
    )
    assert.equal((await place.user(user.id)).user.status, 'deleted')
  })

  that('T40 deleting somebody who was two users once forgets what was written about that', async (place) => {
    await place.logIn({ openid: 'o_canary' })
    place.pass(1)
    const club = await place.logIn({ app: CLUB, openid: 'c_canary', unionid: 'u_canary' })
    await place.logIn({ openid: 'o_canary', unionid: 'u_canary' })
    // A former id stands for its survivor here too.
    assert.equal(await place.store.users.delete(on(place, club)), true)
    assert.deepEqual(await place.select('SELECT detail FROM unifications'), [{ detail: '{}' }])
    assert.equal(await place.store.users.findByIdentity({ appId: SHOP, openid: open('o_canary') }), undefined)
    assert.equal((await place.user(club.user.id)).user.status, 'deleted')
  })

  that('I8 whoever was deleted comes back as somebody new', async (place) => {
    const visit = { unionid: 'u_mei' }
    const before = await place.logIn(visit)
    await place.store.users.delete(on(place, before))
    place.pass(1)
    const after = await place.logIn(visit)
    assert.equal(after.decision, 'create')
    assert.notEqual(after.user.id, before.user.id)
    assert.deepEqual(after.user.formerIds, [])
    assert.equal((await place.user(before.user.id)).user.status, 'deleted')
  })

  that('a deleted user’s sessions refresh nothing', async (place) => {
    const login = await place.logIn()
    await place.store.users.delete(on(place, login))
    const outcome = await place.refresh(login.facts.session, login.step)
    assert.deepEqual([outcome.verdict, outcome.session], ['unknown', undefined])
  })

  that('somebody blocked can be deleted, and returns unblocked as somebody new', async (place) => {
    const login = await place.logIn()
    await place.store.users.block(on(place, login))
    assert.equal(await place.store.users.delete(on(place, login)), true)
    assert.equal((await place.logIn()).hasSession, true)
  })

  that(
    'a deletion that meets logins of the same person detaches whatever they made, or they are somebody new',
    async (place) => {
      for (let round = 0; round < 10; round++) {
        const visit = { openid: `o_${round}`, unionid: `u_${round}` }
        const login = await place.logIn(visit)
        await Promise.all([
          ...Array.from({ length: 5 }, () => place.logIn(visit)),
          place.store.users.delete(on(place, login)),
          place.logIn({ app: CLUB, ...visit }),
          place.logIn({ app: NEWS, ...visit }),
          ...Array.from({ length: 5 }, () => place.logIn(visit)),
        ])
        assert.equal(await place.count(`sessions WHERE user_id = '${login.user.id}'`), 0)
        assert.equal(await place.count(`identities WHERE user_id = '${login.user.id}'`), 0)
        assert.equal((await place.count(`identities WHERE openid = 'o_${round}' AND app_id = '${SHOP}'`)) <= 1, true)
      }
    },
  )

  that('two deletions at once delete once', async (place) => {
    const login = await place.logIn()
    const done = await atOnce(10, () => place.store.users.delete(on(place, login)))
    assert.equal(done.filter(Boolean).length, 1)
    assert.equal(await place.count("outbox WHERE kind = 'user.deleted'"), 1)
  })

  that('T11 a block that meets a unification of the same person bars whoever remains', async (place) => {
    for (let round = 0; round < 15; round++) {
      const shop = await place.logIn({ openid: `o_${round}` })
      place.pass(1)
      const club = await place.logIn({ app: CLUB, openid: `o_${round}`, unionid: `u_${round}` })
      const [, blocked] = await Promise.all([
        place.logIn({ openid: `o_${round}`, unionid: `u_${round}` }),
        place.store.users.block(on(place, club)),
        place.logIn({ app: CLUB, openid: `o_${round}`, unionid: `u_${round}` }),
      ])
      assert.equal(blocked, true)
      assert.equal((await place.user(club.user.id)).user.status, 'blocked')
      assert.equal((await place.user(club.user.id)).user.id, shop.user.id)
      assert.equal((await place.user(shop.user.id)).user.status, 'blocked')
    }
  })

  that('a deletion that meets a unification of the same person is never forgotten', async (place) => {
    for (let round = 0; round < 15; round++) {
      await place.logIn({ openid: `o_${round}` })
      place.pass(1)
      const club = await place.logIn({ app: CLUB, openid: `o_${round}`, unionid: `u_${round}` })
      const [, deleted] = await Promise.all([
        place.logIn({ openid: `o_${round}`, unionid: `u_${round}` }),
        place.store.users.delete(on(place, club)),
      ])
      assert.equal(deleted, true)
      assert.equal((await place.user(club.user.id)).user.status, 'deleted')
      assert.equal(await place.count(`identities WHERE openid = 'o_${round}' AND app_id = '${CLUB}'`), 0)
    }
  })
}

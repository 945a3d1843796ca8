import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { UserId } from '../domain/ids.ts'
import type { UndoPlan } from '../domain/unification.ts'
import type { NotUndoable } from './reconciliation.ts'
import {
  CLUB,
  checkGraph,
  type LoggedIn,
  NEWS,
  newPlace,
  type Open,
  type Place,
  SHOP,
} from './under-test.conformance.ts'

/** What an operator puts right: unifications listed and undone, conflicts listed and decided. */
export function reconciliationConformance(name: string, openStore: Open): void {
  const that = (sentence: string, work: (place: Place) => Promise<void>): void => {
    test(`${name}: ${sentence}`, async (t: TestContext) => {
      const place = await newPlace(t, openStore)
      await work(place)
      await checkGraph(place)
    })
  }
  const all = { after: undefined, limit: 100 }
  const undo = ({ store, act }: Place, id: string) => store.reconciliation.undo({ act: act(), id })
  const decide = ({ store, act }: Place, id: string, decision: 'keep' | 'accept') =>
    store.reconciliation.resolveConflict({ act: act(), id, decision })
  const newestUnification = async ({ store }: Place): Promise<string> =>
    (await store.reconciliation.listUnifications({ after: undefined, limit: 1 }))[0]?.id ?? assert.fail('none')
  const conflictOf = async ({ store }: Place, unionid: string): Promise<string> => {
    const listed = await store.reconciliation.listConflicts({ ...all, open: false })
    return listed.find((one) => one.unionid === unionid)?.id ?? assert.fail('no such conflict')
  }
  /** Two users of one person, who became one through the shop. */
  const unified = async (place: Place, person = 'mei'): Promise<{ shop: LoggedIn; club: LoggedIn; id: string }> => {
    const shop = await place.logIn({ openid: `o_${person}` })
    place.pass(1)
    const club = await place.logIn({ app: CLUB, openid: `c_${person}`, unionid: `u_${person}` })
    place.pass(1)
    await place.logIn({ openid: `o_${person}`, unionid: `u_${person}` })
    return { shop, club, id: await newestUnification(place) }
  }
  const refusal = (outcome: UndoPlan | NotUndoable): unknown => ('not' in outcome ? outcome.not : 'done')

  that('unifications are listed newest first, in pages that newer ones do not shift', async (place) => {
    const ids: string[] = []
    for (const person of ['a', 'b', 'c', 'd']) ids.unshift((await unified(place, person)).id)
    const first = await place.store.reconciliation.listUnifications({ after: undefined, limit: 2 })
    await unified(place, 'e')
    const second = await place.store.reconciliation.listUnifications({ after: first.at(-1)?.id, limit: 2 })
    assert.deepEqual(
      [...first, ...second].map(({ id }) => id),
      ids,
    )
  })

  that('a unification is listed with both users, when it was, and when it was undone', async (place) => {
    const { shop, club, id } = await unified(place)
    const made = place.now()
    place.pass(1000)
    await undo(place, id)
    assert.deepEqual(await place.store.reconciliation.listUnifications(all), [
      {
        id,
        realmId: 'default',
        survivorId: shop.user.id,
        absorbedId: club.user.id,
        createdAt: made,
        undoneAt: place.now(),
      },
    ])
  })

  that('T16 undoing gives each user back what was theirs, and the unionid to whom it belonged', async (place) => {
    const { shop, club, id } = await unified(place)
    assert.equal(refusal(await undo(place, id)), 'done')
    const [first, second] = [await place.user(shop.user.id), await place.user(club.user.id)]
    assert.deepEqual([first.user.id, first.user.unionid, first.user.formerIds], [shop.user.id, undefined, []])
    assert.deepEqual([second.user.id, second.user.unionid, second.user.formerIds], [club.user.id, 'u_mei', []])
    assert.deepEqual(
      [first, second].map(({ identities }) => identities.map(({ appId, pinned }) => [appId, pinned])),
      [[[SHOP, true]], [[CLUB, false]]],
    )
    assert.equal((await place.session(club)).userId, club.user.id)
    assert.equal((await place.session(shop)).userId, shop.user.id)
  })

  that('a split is told to the product and audited', async (place) => {
    const { shop, club, id } = await unified(place)
    await undo(place, id)
    const [told] = await place.select("SELECT user_id, detail FROM outbox WHERE kind = 'user.split'")
    assert.deepEqual(told, { user_id: shop.user.id, detail: JSON.stringify({ restored: club.user.id }) })
    assert.equal(await place.count("audit_events WHERE kind = 'unification_undone'"), 1)
  })

  that(
    'after an undoing the pinned identity stays apart: its unionid is a conflict, however often it comes',
    async (place) => {
      const { shop, id } = await unified(place)
      await undo(place, id)
      for (let time = 0; time < 2; time++) {
        const again = await place.logIn({ unionid: 'u_mei' })
        assert.deepEqual([again.decision, again.user.id, again.user.unionid], ['conflict', shop.user.id, undefined])
      }
      const without = await place.logIn()
      assert.deepEqual([without.decision, without.user.id], ['sign-in', shop.user.id])
      assert.deepEqual(await place.select('SELECT count FROM conflicts'), [{ count: 2 }])
    },
  )

  that('T11 a pinned identity of a blocked user lets nobody in', async (place) => {
    const { shop, id } = await unified(place)
    await undo(place, id)
    await place.store.users.block({ act: place.act(), userId: shop.user.id })
    const again = await place.logIn({ unionid: 'u_mei' })
    assert.deepEqual([again.decision, again.hasSession], ['conflict', false])
  })

  that('a preview says what undoing would do and changes nothing', async (place) => {
    const { id } = await unified(place)
    const tables = ['users', 'identities', 'sessions', 'unifications']
    const look = () => Promise.all(tables.map((table) => place.select(`SELECT * FROM ${table} ORDER BY 1, 2`)))
    const before = await look()
    const preview = await place.store.reconciliation.previewUndo(id)
    assert.deepEqual(await look(), before)
    assert.deepEqual(preview, await undo(place, id))
  })

  that('what came after a unification follows the unionid when it is undone', async (place) => {
    const { club, id } = await unified(place)
    const news = await place.logIn({ app: NEWS, openid: 'n_mei', unionid: 'u_mei' })
    await undo(place, id)
    assert.equal((await place.session(news)).userId, club.user.id)
    assert.deepEqual(
      (await place.user(club.user.id)).identities.map(({ appId }) => appId),
      [CLUB, NEWS],
    )
  })

  that('undoing twice, or what never was, is refused', async (place) => {
    const { id } = await unified(place)
    await undo(place, id)
    assert.deepEqual(await undo(place, id), { not: 'undone' })
    assert.deepEqual(await undo(place, 'uni_unknown'), { not: 'unknown' })
    assert.deepEqual(await place.store.reconciliation.previewUndo('uni_unknown'), { not: 'unknown' })
  })

  that('ten operators who undo at once undo once', async (place) => {
    const { id } = await unified(place)
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => undo(place, id)))
    assert.equal(outcomes.filter((outcome) => refusal(outcome) === 'done').length, 1)
    assert.equal(await place.count("outbox WHERE kind = 'user.split'"), 1)
  })

  that('a later unification of the same user is undone first', async (place) => {
    const users: UserId[] = []
    for (const app of [SHOP, CLUB]) {
      users.push((await place.logIn({ app, openid: 'o_mei' })).user.id)
      place.pass(1)
    }
    users.push((await place.logIn({ app: NEWS, openid: 'o_mei', unionid: 'u_mei' })).user.id)
    place.pass(1)
    await place.logIn({ app: SHOP, unionid: 'u_mei' })
    const early = await newestUnification(place)
    place.pass(1)
    await place.logIn({ app: CLUB, openid: 'o_mei', unionid: 'u_mei' })
    const late = await newestUnification(place)
    assert.deepEqual(await undo(place, early), { not: 'later_first', later: late })
    assert.deepEqual([refusal(await undo(place, late)), refusal(await undo(place, early))], ['done', 'done'])
    assert.deepEqual(await Promise.all(users.map(async (id) => (await place.user(id)).user.id)), users)
  })

  that('T16 former ids go back to whom they belonged', async (place) => {
    // The younger two meet first; the eldest absorbs them; undoing that must not leave the youngest with the eldest.
    const users: UserId[] = []
    for (const app of [NEWS, CLUB, SHOP]) {
      users.push((await place.logIn({ app, openid: 'o_mei' })).user.id)
      place.pass(1)
    }
    const [eldest, middle, youngest] = users as [UserId, UserId, UserId]
    await place.logIn({ app: CLUB, openid: 'o_mei', unionid: 'u_mei' })
    await place.logIn({ app: SHOP, openid: 'o_mei', unionid: 'u_mei' })
    place.pass(1)
    await place.logIn({ app: NEWS, openid: 'o_mei', unionid: 'u_mei' })
    await undo(place, await newestUnification(place))
    assert.equal((await place.user(youngest)).user.id, middle)
    assert.deepEqual((await place.user(eldest)).user.formerIds, [])
  })

  that('when one of the two is gone there is nothing to undo', async (place) => {
    const { shop, id } = await unified(place)
    await place.store.users.delete({ act: place.act(), userId: shop.user.id })
    assert.deepEqual(await undo(place, id), { not: 'user_gone' })
  })

  that('T11 undoing frees whom nobody blocked, and keeps out whom somebody did', async (place) => {
    const shop = await place.logIn()
    place.pass(1)
    const club = await place.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    await place.store.users.block({ act: place.act(), userId: club.user.id })
    await place.logIn({ unionid: 'u_mei' })
    await undo(place, await newestUnification(place))
    assert.deepEqual(
      [(await place.user(shop.user.id)).user.status, (await place.user(club.user.id)).user.status],
      ['active', 'blocked'],
    )
  })

  that('T11 a block set after a unification stays on both when it is undone', async (place) => {
    const { shop, club, id } = await unified(place)
    await place.store.users.block({ act: place.act(), userId: shop.user.id })
    await undo(place, id)
    assert.deepEqual(
      [(await place.user(shop.user.id)).user.status, (await place.user(club.user.id)).user.status],
      ['blocked', 'blocked'],
    )
  })

  that(
    'undone and accepted again within one millisecond: two unifications, each with an id of its own',
    async (place) => {
      const { shop, id } = await unified(place)
      await undo(place, id)
      await place.logIn({ unionid: 'u_mei' })
      const conflict = await conflictOf(place, 'u_mei')
      assert.equal(await decide(place, conflict, 'accept'), 'resolved')
      const second = (await place.store.reconciliation.listUnifications(all)).find((one) => one.id !== id)
      assert.equal(second?.undoneAt, undefined)
      assert.equal(refusal(await undo(place, second?.id ?? '')), 'done')
      assert.equal(await decide(place, conflict, 'accept'), 'resolved')
      assert.equal(await place.count('unifications'), 3)
      assert.equal((await place.user(shop.user.id)).user.unionid, 'u_mei')
    },
  )

  that('conflicts are listed newest first; the open ones can be asked for', async (place) => {
    await place.logIn({ unionid: 'u_mei' })
    for (const unionid of ['u_1', 'u_2', 'u_3']) {
      place.pass(1000)
      await place.logIn({ unionid })
    }
    await decide(place, await conflictOf(place, 'u_2'), 'keep')
    const list = async (open: boolean, after?: string) =>
      (await place.store.reconciliation.listConflicts({ after, limit: 2, open })).map(({ unionid }) => unionid)
    assert.deepEqual(await list(false), ['u_3', 'u_2'])
    assert.deepEqual(await list(false, await conflictOf(place, 'u_2')), ['u_1'])
    assert.deepEqual(await list(true), ['u_3', 'u_1'])
  })

  that('a conflict is listed with all that is known of it', async (place) => {
    const mei = await place.logIn({ unionid: 'u_mei' })
    const bo = await place.logIn({ openid: 'o_bo', unionid: 'u_bo' })
    place.pass(1000)
    await place.logIn({ unionid: 'u_bo' })
    place.pass(1000)
    await place.logIn({ unionid: 'u_bo' })
    const id = await conflictOf(place, 'u_bo')
    await decide(place, id, 'keep')
    assert.deepEqual(await place.store.reconciliation.listConflicts({ ...all, open: false }), [
      {
        id,
        appId: SHOP,
        openid: 'o_mei',
        unionid: 'u_bo',
        userId: mei.user.id,
        holderId: bo.user.id,
        count: 2,
        firstSeenAt: place.now() - 1000,
        lastSeenAt: place.now(),
        decision: 'keep',
        decidedAt: place.now(),
      },
    ])
  })

  that('I7 a conflict that is kept changes nobody, and further sights of it are only counted', async (place) => {
    const mei = await place.logIn({ unionid: 'u_mei' })
    await place.logIn({ unionid: 'u_new' })
    assert.equal(await decide(place, await conflictOf(place, 'u_new'), 'keep'), 'resolved')
    const again = await place.logIn({ unionid: 'u_new' })
    assert.deepEqual([again.decision, again.user.id, again.user.unionid], ['conflict', mei.user.id, 'u_mei'])
    assert.deepEqual(await place.select('SELECT count, decision FROM conflicts'), [{ count: 2, decision: 'keep' }])
  })

  that('a conflict that is accepted gives the user the unionid that WeChat now says', async (place) => {
    const mei = await place.logIn({ unionid: 'u_mei' })
    await place.logIn({ unionid: 'u_new' })
    assert.equal(await decide(place, await conflictOf(place, 'u_new'), 'accept'), 'resolved')
    assert.equal((await place.user(mei.user.id)).user.unionid, 'u_new')
    assert.equal((await place.logIn({ unionid: 'u_new' })).decision, 'sign-in')
    assert.equal(await place.count("audit_events WHERE kind = 'conflict_resolved'"), 1)
  })

  that('a conflict that is accepted unifies the user with the holder', async (place) => {
    const mei = await place.logIn({ unionid: 'u_mei' })
    place.pass(1)
    const bo = await place.logIn({ app: CLUB, openid: 'c_bo', unionid: 'u_bo' })
    await place.logIn({ unionid: 'u_bo' })
    assert.equal(await decide(place, await conflictOf(place, 'u_bo'), 'accept'), 'resolved')
    const { user, identities } = await place.user(bo.user.id)
    assert.deepEqual([user.id, user.unionid, identities.length], [mei.user.id, 'u_bo', 2])
  })

  that('accepting lifts the pin of an undoing and unifies the two again', async (place) => {
    const { shop, club, id } = await unified(place)
    await undo(place, id)
    place.pass(1)
    await place.logIn({ unionid: 'u_mei' })
    assert.equal(await decide(place, await conflictOf(place, 'u_mei'), 'accept'), 'resolved')
    assert.equal((await place.user(club.user.id)).user.id, shop.user.id)
    assert.equal((await place.logIn({ unionid: 'u_mei' })).decision, 'sign-in')
    assert.equal(await place.count('identities WHERE pinned = 1'), 0)
  })

  that('T11 accepting a conflict with a blocked holder bars the user', async (place) => {
    const mei = await place.logIn({ unionid: 'u_mei' })
    place.pass(1)
    const bo = await place.logIn({ app: CLUB, openid: 'c_bo', unionid: 'u_bo' })
    await place.store.users.block({ act: place.act(), userId: bo.user.id })
    const conflicting = await place.logIn({ unionid: 'u_bo' })
    await decide(place, await conflictOf(place, 'u_bo'), 'accept')
    assert.equal((await place.user(mei.user.id)).user.status, 'blocked')
    assert.equal((await place.session(conflicting)).ended, 'blocked')
  })

  that('a conflict that is unknown, or whose user is gone, cannot be accepted', async (place) => {
    const mei = await place.logIn({ unionid: 'u_mei' })
    await place.logIn({ unionid: 'u_new' })
    const id = await conflictOf(place, 'u_new')
    await place.store.users.delete({ act: place.act(), userId: mei.user.id })
    assert.equal(await decide(place, id, 'accept'), 'unknown')
    assert.equal(await decide(place, 'cfl_unknown', 'keep'), 'unknown')
  })

  that('T16 an undoing that meets logins of both apps ends with every session where its identity is', async (place) => {
    for (let round = 0; round < 10; round++) {
      const person = `p${round}`
      const { id } = await unified(place, person)
      const visits = [{ openid: `o_${person}` }, { app: CLUB, openid: `c_${person}`, unionid: `u_${person}` }]
      await Promise.all([
        ...visits.map((visit) => place.logIn(visit)),
        undo(place, id),
        ...visits.map((visit) => place.logIn(visit)),
        ...visits.map((visit) => place.logIn(visit)),
      ])
      assert.equal(await place.count(`users WHERE status = 'unified'`), 0)
    }
  })

  that('an acceptance that meets logins of both people ends with one user who holds the new unionid', async (place) => {
    for (let round = 0; round < 10; round++) {
      const [mei, bo] = [
        { openid: `o_${round}`, unionid: `u_mei_${round}` },
        { app: CLUB, openid: `c_${round}`, unionid: `u_bo_${round}` },
      ]
      await place.logIn(mei)
      place.pass(1)
      await place.logIn(bo)
      const conflicting = { ...mei, unionid: bo.unionid }
      await place.logIn(conflicting)
      const id = await conflictOf(place, bo.unionid)
      await Promise.all([
        place.logIn(conflicting),
        place.logIn(bo),
        decide(place, id, 'accept'),
        place.logIn(conflicting),
        place.logIn(bo),
      ])
      const holders = await place.select(`SELECT user_id, COUNT(*) AS n FROM identities
        WHERE openid IN ('${mei.openid}', '${bo.openid}') GROUP BY user_id`)
      assert.deepEqual(
        holders.map(({ n }) => n),
        [2],
      )
    }
  })
}

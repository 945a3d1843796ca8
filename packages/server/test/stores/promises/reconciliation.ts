import assert from 'node:assert/strict'
import type { UserId } from '../../../src/domain/ids.ts'
import type { UndoPlan } from '../../../src/domain/unification.ts'
import type { NotUndoable } from '../../../src/ports/reconciliation.ts'
import { CLUB, type DescribedStore, type LoggedIn, NEWS, SHOP, type StoreFixture } from '../store-fixture.ts'

/** What an operator puts right: unifications listed and undone, conflicts listed and decided. */
export function promisesOfReconciliation({ that }: DescribedStore): void {
  const all = { after: undefined, limit: 100 }
  const undo = ({ store, act }: StoreFixture, id: string) => store.reconciliation.undo({ act: act(), id })
  const decide = ({ store, act }: StoreFixture, id: string, decision: 'keep' | 'accept') =>
    store.reconciliation.resolveConflict({ act: act(), id, decision })
  const newestUnification = async ({ store }: StoreFixture): Promise<string> =>
    (await store.reconciliation.listUnifications({ after: undefined, limit: 1 }))[0]?.id ?? assert.fail('none')
  const conflictOf = async ({ store }: StoreFixture, unionid: string): Promise<string> => {
    const listed = await store.reconciliation.listConflicts({ ...all, open: false })
    return listed.find((one) => one.unionid === unionid)?.id ?? assert.fail('no such conflict')
  }
  /** Two users of one person, who became one through the shop. */
  const unified = async (
    fixture: StoreFixture,
    person = 'mei',
  ): Promise<{ shop: LoggedIn; club: LoggedIn; id: string }> => {
    const shop = await fixture.logIn({ openid: `o_${person}` })
    fixture.pass(1)
    const club = await fixture.logIn({ app: CLUB, openid: `c_${person}`, unionid: `u_${person}` })
    fixture.pass(1)
    await fixture.logIn({ openid: `o_${person}`, unionid: `u_${person}` })
    return { shop, club, id: await newestUnification(fixture) }
  }
  const refusal = (outcome: UndoPlan | NotUndoable): unknown => ('not' in outcome ? outcome.not : 'done')

  that('unifications are listed newest first, in pages that newer ones do not shift', async (fixture) => {
    const ids: string[] = []
    for (const person of ['a', 'b', 'c', 'd']) ids.unshift((await unified(fixture, person)).id)
    const first = await fixture.store.reconciliation.listUnifications({ after: undefined, limit: 2 })
    await unified(fixture, 'e')
    const second = await fixture.store.reconciliation.listUnifications({ after: first.at(-1)?.id, limit: 2 })
    assert.deepEqual(
      [...first, ...second].map(({ id }) => id),
      ids,
    )
  })

  that('a unification is listed with both users, when it was, and when it was undone', async (fixture) => {
    const { shop, club, id } = await unified(fixture)
    const made = fixture.now()
    fixture.pass(1000)
    await undo(fixture, id)
    assert.deepEqual(await fixture.store.reconciliation.listUnifications(all), [
      {
        id,
        realmId: 'default',
        survivorId: shop.user.id,
        absorbedId: club.user.id,
        createdAt: made,
        undoneAt: fixture.now(),
      },
    ])
  })

  that('T16 undoing gives each user back what was theirs, and the unionid to whom it belonged', async (fixture) => {
    const { shop, club, id } = await unified(fixture)
    assert.equal(refusal(await undo(fixture, id)), 'done')
    const [first, second] = [await fixture.user(shop.user.id), await fixture.user(club.user.id)]
    assert.deepEqual([first.user.id, first.user.unionid, first.user.formerIds], [shop.user.id, undefined, []])
    assert.deepEqual([second.user.id, second.user.unionid, second.user.formerIds], [club.user.id, 'u_mei', []])
    assert.deepEqual(
      [first, second].map(({ identities }) => identities.map(({ appId, pinned }) => [appId, pinned])),
      [[[SHOP, true]], [[CLUB, false]]],
    )
    assert.equal((await fixture.session(club)).userId, club.user.id)
    assert.equal((await fixture.session(shop)).userId, shop.user.id)
  })

  that('T11 a pinned identity of a blocked user lets nobody in', async (fixture) => {
    const { shop, id } = await unified(fixture)
    await undo(fixture, id)
    await fixture.store.users.block({ act: fixture.act(), userId: shop.user.id })
    const again = await fixture.logIn({ unionid: 'u_mei' })
    assert.deepEqual([again.decision, again.hasSession], ['conflict', false])
  })

  that('what came after a unification follows the unionid when it is undone', async (fixture) => {
    const { club, id } = await unified(fixture)
    const news = await fixture.logIn({ app: NEWS, openid: 'n_mei', unionid: 'u_mei' })
    await undo(fixture, id)
    assert.equal((await fixture.session(news)).userId, club.user.id)
    assert.deepEqual(
      (await fixture.user(club.user.id)).identities.map(({ appId }) => appId),
      [CLUB, NEWS],
    )
  })

  that('undoing twice, or what never was, is refused', async (fixture) => {
    const { id } = await unified(fixture)
    await undo(fixture, id)
    assert.deepEqual(await undo(fixture, id), { not: 'undone' })
    assert.deepEqual(await undo(fixture, 'uni_unknown'), { not: 'unknown' })
    assert.deepEqual(await fixture.store.reconciliation.previewUndo('uni_unknown'), { not: 'unknown' })
  })

  that('ten operators who undo at once undo once', async (fixture) => {
    const { id } = await unified(fixture)
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => undo(fixture, id)))
    assert.equal(outcomes.filter((outcome) => refusal(outcome) === 'done').length, 1)
    assert.equal(await fixture.announced('user.split'), 1)
  })

  that('a later unification of the same user is undone first', async (fixture) => {
    const users: UserId[] = []
    for (const app of [SHOP, CLUB]) {
      users.push((await fixture.logIn({ app, openid: 'o_mei' })).user.id)
      fixture.pass(1)
    }
    users.push((await fixture.logIn({ app: NEWS, openid: 'o_mei', unionid: 'u_mei' })).user.id)
    fixture.pass(1)
    await fixture.logIn({ app: SHOP, unionid: 'u_mei' })
    const early = await newestUnification(fixture)
    fixture.pass(1)
    await fixture.logIn({ app: CLUB, openid: 'o_mei', unionid: 'u_mei' })
    const late = await newestUnification(fixture)
    assert.deepEqual(await undo(fixture, early), { not: 'later_first', later: late })
    assert.deepEqual([refusal(await undo(fixture, late)), refusal(await undo(fixture, early))], ['done', 'done'])
    assert.deepEqual(await Promise.all(users.map(async (id) => (await fixture.user(id)).user.id)), users)
  })

  that('T16 former ids go back to whom they belonged', async (fixture) => {
    // The younger two meet first; the eldest absorbs them; undoing that must not leave the youngest with the eldest.
    const users: UserId[] = []
    for (const app of [NEWS, CLUB, SHOP]) {
      users.push((await fixture.logIn({ app, openid: 'o_mei' })).user.id)
      fixture.pass(1)
    }
    const [eldest, middle, youngest] = users as [UserId, UserId, UserId]
    await fixture.logIn({ app: CLUB, openid: 'o_mei', unionid: 'u_mei' })
    await fixture.logIn({ app: SHOP, openid: 'o_mei', unionid: 'u_mei' })
    fixture.pass(1)
    await fixture.logIn({ app: NEWS, openid: 'o_mei', unionid: 'u_mei' })
    await undo(fixture, await newestUnification(fixture))
    assert.equal((await fixture.user(youngest)).user.id, middle)
    assert.deepEqual((await fixture.user(eldest)).user.formerIds, [])
  })

  that('when one of the two is gone there is nothing to undo', async (fixture) => {
    const { shop, id } = await unified(fixture)
    await fixture.store.users.delete({ act: fixture.act(), userId: shop.user.id })
    assert.deepEqual(await undo(fixture, id), { not: 'user_gone' })
  })

  that('T11 undoing frees whom nobody blocked, and keeps out whom somebody did', async (fixture) => {
    const shop = await fixture.logIn()
    fixture.pass(1)
    const club = await fixture.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    await fixture.store.users.block({ act: fixture.act(), userId: club.user.id })
    await fixture.logIn({ unionid: 'u_mei' })
    await undo(fixture, await newestUnification(fixture))
    assert.deepEqual(
      [(await fixture.user(shop.user.id)).user.status, (await fixture.user(club.user.id)).user.status],
      ['active', 'blocked'],
    )
  })

  that('T11 a block set after a unification stays on both when it is undone', async (fixture) => {
    const { shop, club, id } = await unified(fixture)
    await fixture.store.users.block({ act: fixture.act(), userId: shop.user.id })
    await undo(fixture, id)
    assert.deepEqual(
      [(await fixture.user(shop.user.id)).user.status, (await fixture.user(club.user.id)).user.status],
      ['blocked', 'blocked'],
    )
  })

  that('conflicts are listed newest first; the open ones can be asked for', async (fixture) => {
    await fixture.logIn({ unionid: 'u_mei' })
    for (const unionid of ['u_1', 'u_2', 'u_3']) {
      fixture.pass(1000)
      await fixture.logIn({ unionid })
    }
    await decide(fixture, await conflictOf(fixture, 'u_2'), 'keep')
    const list = async (open: boolean, after?: string) =>
      (await fixture.store.reconciliation.listConflicts({ after, limit: 2, open })).map(({ unionid }) => unionid)
    assert.deepEqual(await list(false), ['u_3', 'u_2'])
    assert.deepEqual(await list(false, await conflictOf(fixture, 'u_2')), ['u_1'])
    assert.deepEqual(await list(true), ['u_3', 'u_1'])
  })

  that('a conflict is listed with all that is known of it', async (fixture) => {
    const mei = await fixture.logIn({ unionid: 'u_mei' })
    const bo = await fixture.logIn({ openid: 'o_bo', unionid: 'u_bo' })
    fixture.pass(1000)
    await fixture.logIn({ unionid: 'u_bo' })
    fixture.pass(1000)
    await fixture.logIn({ unionid: 'u_bo' })
    const id = await conflictOf(fixture, 'u_bo')
    await decide(fixture, id, 'keep')
    assert.deepEqual(await fixture.store.reconciliation.listConflicts({ ...all, open: false }), [
      {
        id,
        appId: SHOP,
        openid: 'o_mei',
        unionid: 'u_bo',
        userId: mei.user.id,
        holderId: bo.user.id,
        count: 2,
        firstSeenAt: fixture.now() - 1000,
        lastSeenAt: fixture.now(),
        decision: 'keep',
        decidedAt: fixture.now(),
      },
    ])
  })

  that('a conflict that is accepted gives the user the unionid that WeChat now says', async (fixture) => {
    const mei = await fixture.logIn({ unionid: 'u_mei' })
    await fixture.logIn({ unionid: 'u_new' })
    assert.equal(await decide(fixture, await conflictOf(fixture, 'u_new'), 'accept'), 'resolved')
    assert.equal((await fixture.user(mei.user.id)).user.unionid, 'u_new')
    assert.equal((await fixture.logIn({ unionid: 'u_new' })).decision, 'sign-in')
    assert.equal(await fixture.audited('conflict_resolved'), 1)
  })

  that('a conflict that is accepted unifies the user with the holder', async (fixture) => {
    const mei = await fixture.logIn({ unionid: 'u_mei' })
    fixture.pass(1)
    const bo = await fixture.logIn({ app: CLUB, openid: 'c_bo', unionid: 'u_bo' })
    await fixture.logIn({ unionid: 'u_bo' })
    assert.equal(await decide(fixture, await conflictOf(fixture, 'u_bo'), 'accept'), 'resolved')
    const { user, identities } = await fixture.user(bo.user.id)
    assert.deepEqual([user.id, user.unionid, identities.length], [mei.user.id, 'u_bo', 2])
  })

  that('T11 accepting a conflict with a blocked holder bars the user', async (fixture) => {
    const mei = await fixture.logIn({ unionid: 'u_mei' })
    fixture.pass(1)
    const bo = await fixture.logIn({ app: CLUB, openid: 'c_bo', unionid: 'u_bo' })
    await fixture.store.users.block({ act: fixture.act(), userId: bo.user.id })
    const conflicting = await fixture.logIn({ unionid: 'u_bo' })
    await decide(fixture, await conflictOf(fixture, 'u_bo'), 'accept')
    assert.equal((await fixture.user(mei.user.id)).user.status, 'blocked')
    assert.equal((await fixture.session(conflicting)).ended, 'blocked')
  })

  that('a conflict that is unknown, or whose user is gone, cannot be accepted', async (fixture) => {
    const mei = await fixture.logIn({ unionid: 'u_mei' })
    await fixture.logIn({ unionid: 'u_new' })
    const id = await conflictOf(fixture, 'u_new')
    await fixture.store.users.delete({ act: fixture.act(), userId: mei.user.id })
    assert.equal(await decide(fixture, id, 'accept'), 'unknown')
    assert.equal(await decide(fixture, 'cfl_unknown', 'keep'), 'unknown')
  })
}

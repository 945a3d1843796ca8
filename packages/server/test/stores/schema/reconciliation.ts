import assert from 'node:assert/strict'
import type { UndoPlan } from '../../../src/domain/unification.ts'
import type { NotUndoable } from '../../../src/ports/reconciliation.ts'
import { CLUB, type DescribedTables, type LoggedIn, type TablesFixture } from '../store-fixture.ts'

/** What an operator puts right: unifications listed and undone, conflicts listed and decided. */
export function tablesOfReconciliation({ that }: DescribedTables): void {
  const all = { after: undefined, limit: 100 }
  const undo = ({ store, act }: TablesFixture, id: string) => store.reconciliation.undo({ act: act(), id })
  const decide = ({ store, act }: TablesFixture, id: string, decision: 'keep' | 'accept') =>
    store.reconciliation.resolveConflict({ act: act(), id, decision })
  const newestUnification = async ({ store }: TablesFixture): Promise<string> =>
    (await store.reconciliation.listUnifications({ after: undefined, limit: 1 }))[0]?.id ?? assert.fail('none')
  const conflictOf = async ({ store }: TablesFixture, unionid: string): Promise<string> => {
    const listed = await store.reconciliation.listConflicts({ ...all, open: false })
    return listed.find((one) => one.unionid === unionid)?.id ?? assert.fail('no such conflict')
  }
  /** Two users of one person, who became one through the shop. */
  const unified = async (
    fixture: TablesFixture,
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

  that('a split is told to the product and audited', async (fixture) => {
    const { shop, club, id } = await unified(fixture)
    await undo(fixture, id)
    const [told] = await fixture.select("SELECT user_id, detail FROM outbox WHERE kind = 'user.split'")
    assert.deepEqual(told, { user_id: shop.user.id, detail: JSON.stringify({ restored: club.user.id }) })
    assert.equal(await fixture.audited('unification_undone'), 1)
  })

  that(
    'after an undoing the pinned identity stays apart: its unionid is a conflict, however often it comes',
    async (fixture) => {
      const { shop, id } = await unified(fixture)
      await undo(fixture, id)
      for (let time = 0; time < 2; time++) {
        const again = await fixture.logIn({ unionid: 'u_mei' })
        assert.deepEqual([again.decision, again.user.id, again.user.unionid], ['conflict', shop.user.id, undefined])
      }
      const without = await fixture.logIn()
      assert.deepEqual([without.decision, without.user.id], ['sign-in', shop.user.id])
      assert.deepEqual(await fixture.select('SELECT count FROM conflicts'), [{ count: 2 }])
    },
  )

  that('a preview says what undoing would do and changes nothing', async (fixture) => {
    const { id } = await unified(fixture)
    const tables = ['users', 'identities', 'sessions', 'unifications']
    const look = () => Promise.all(tables.map((table) => fixture.select(`SELECT * FROM ${table} ORDER BY 1, 2`)))
    const before = await look()
    const preview = await fixture.store.reconciliation.previewUndo(id)
    assert.deepEqual(await look(), before)
    assert.deepEqual(preview, await undo(fixture, id))
  })

  that(
    'undone and accepted again within one millisecond: two unifications, each with an id of its own',
    async (fixture) => {
      const { shop, id } = await unified(fixture)
      await undo(fixture, id)
      await fixture.logIn({ unionid: 'u_mei' })
      const conflict = await conflictOf(fixture, 'u_mei')
      assert.equal(await decide(fixture, conflict, 'accept'), 'resolved')
      const second = (await fixture.store.reconciliation.listUnifications(all)).find((one) => one.id !== id)
      assert.equal(second?.undoneAt, undefined)
      assert.equal(refusal(await undo(fixture, second?.id ?? '')), 'done')
      assert.equal(await decide(fixture, conflict, 'accept'), 'resolved')
      assert.equal(await fixture.count('unifications'), 3)
      assert.equal((await fixture.user(shop.user.id)).user.unionid, 'u_mei')
    },
  )

  that('I7 a conflict that is kept changes nobody, and further sights of it are only counted', async (fixture) => {
    const mei = await fixture.logIn({ unionid: 'u_mei' })
    await fixture.logIn({ unionid: 'u_new' })
    assert.equal(await decide(fixture, await conflictOf(fixture, 'u_new'), 'keep'), 'resolved')
    const again = await fixture.logIn({ unionid: 'u_new' })
    assert.deepEqual([again.decision, again.user.id, again.user.unionid], ['conflict', mei.user.id, 'u_mei'])
    assert.deepEqual(await fixture.select('SELECT count, decision FROM conflicts'), [{ count: 2, decision: 'keep' }])
  })

  that('accepting lifts the pin of an undoing and unifies the two again', async (fixture) => {
    const { shop, club, id } = await unified(fixture)
    await undo(fixture, id)
    fixture.pass(1)
    await fixture.logIn({ unionid: 'u_mei' })
    assert.equal(await decide(fixture, await conflictOf(fixture, 'u_mei'), 'accept'), 'resolved')
    assert.equal((await fixture.user(club.user.id)).user.id, shop.user.id)
    assert.equal((await fixture.logIn({ unionid: 'u_mei' })).decision, 'sign-in')
    assert.equal(await fixture.count('identities WHERE pinned = 1'), 0)
  })

  that(
    'T16 an undoing that meets logins of both apps ends with every session where its identity is',
    async (fixture) => {
      for (let round = 0; round < 10; round++) {
        const person = `p${round}`
        const { id } = await unified(fixture, person)
        const visits = [{ openid: `o_${person}` }, { app: CLUB, openid: `c_${person}`, unionid: `u_${person}` }]
        await Promise.all([
          ...visits.map((visit) => fixture.logIn(visit)),
          undo(fixture, id),
          ...visits.map((visit) => fixture.logIn(visit)),
          ...visits.map((visit) => fixture.logIn(visit)),
        ])
        assert.equal(await fixture.count(`users WHERE status = 'unified'`), 0)
      }
    },
  )

  that(
    'an acceptance that meets logins of both people ends with one user who holds the new unionid',
    async (fixture) => {
      for (let round = 0; round < 10; round++) {
        const [mei, bo] = [
          { openid: `o_${round}`, unionid: `u_mei_${round}` },
          { app: CLUB, openid: `c_${round}`, unionid: `u_bo_${round}` },
        ]
        await fixture.logIn(mei)
        fixture.pass(1)
        await fixture.logIn(bo)
        const conflicting = { ...mei, unionid: bo.unionid }
        await fixture.logIn(conflicting)
        const id = await conflictOf(fixture, bo.unionid)
        await Promise.all([
          fixture.logIn(conflicting),
          fixture.logIn(bo),
          decide(fixture, id, 'accept'),
          fixture.logIn(conflicting),
          fixture.logIn(bo),
        ])
        const holders = await fixture.select(`SELECT user_id, COUNT(*) AS n FROM identities
        WHERE openid IN ('${mei.openid}', '${bo.openid}') GROUP BY user_id`)
        assert.deepEqual(
          holders.map(({ n }) => n),
          [2],
        )
      }
    },
  )
}

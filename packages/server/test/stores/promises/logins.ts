import assert from 'node:assert/strict'
import { LIFETIMES } from '../../../src/domain/session.ts'
import { atOnce, CLUB, type DescribedStore, SHOP } from '../store-fixture.ts'

/** What one login writes down, what it leaves alone, and what becomes of many at once. */
export function promisesOfLogins({ that }: DescribedStore): void {
  that('ids of the greatest length and times far ahead come back as they went in', async (fixture) => {
    const visit = { openid: 'o'.repeat(64), unionid: 'u'.repeat(128) }
    fixture.pass(8_000_000_000_000) // the year 2278, far beyond 32 bits of seconds
    const { user } = await fixture.logIn(visit)
    const found = await fixture.store.users.findByIdentity({ appId: SHOP, openid: visit.openid as never })
    assert.equal(found?.user.id, user.id)
    assert.equal(found?.user.unionid, visit.unionid)
    assert.equal(found?.user.createdAt, fixture.now())
    assert.equal(found?.identities[0]?.openid, visit.openid)
  })

  that('an app that was removed a moment ago lets nobody in', async (fixture) => {
    const first = fixture.facts()
    await fixture.store.registry.removeApp({ act: fixture.act(), appId: SHOP })
    assert.equal(await fixture.store.logins.commit(first), 'app_gone')
    assert.equal(await fixture.living(), 0)
  })

  that('of eleven sessions in one app the oldest ends', async (fixture) => {
    const logins = []
    for (let device = 0; device < 11; device++) {
      logins.push(await fixture.logIn())
      fixture.pass(1000)
    }
    const live = await fixture.store.sessions.listOf({
      userId: logins[0]?.user.id as never,
      now: fixture.now(),
      lifetimes: LIFETIMES,
    })
    assert.deepEqual(
      live.map(({ id }) => id),
      logins
        .slice(1)
        .map(({ facts }) => facts.session.id)
        .reverse(),
    )
    assert.equal((await fixture.session(logins[0] as never)).ended, 'crowded_out')
  })

  that('ten sessions in one app leave the other app alone', async (fixture) => {
    const club = await fixture.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    for (let device = 0; device < 12; device++) {
      fixture.pass(1000)
      await fixture.logIn({ unionid: 'u_mei' })
    }
    assert.equal((await fixture.session(club)).ended, undefined)
    assert.equal(
      (await fixture.store.sessions.listOf({ userId: club.user.id, now: fixture.now(), lifetimes: LIFETIMES })).length,
      11,
    )
  })

  that('T15 a hundred people who come for the first time at once are a hundred users', async (fixture) => {
    const logins = await atOnce(100, (index) => fixture.logIn({ openid: `o_${index}`, unionid: `u_${index}` }))
    assert.equal(new Set(logins.map(({ user }) => user.id)).size, 100)
    assert.ok(logins.every(({ decision }) => decision === 'create'))
  })

  that('T15 T16 two hundred logins that each could unify two users unify them once', async (fixture) => {
    const shop = await fixture.logIn()
    fixture.pass(1)
    const club = await fixture.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    const logins = await atOnce(200, (index) =>
      index % 2 === 0
        ? fixture.logIn({ unionid: 'u_mei' })
        : fixture.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' }),
    )
    for (const { user } of logins) assert.ok([shop.user.id, club.user.id].includes(user.id))
    assert.equal(logins.filter(({ decision }) => decision === 'unify').length, 1)
    assert.equal((await fixture.user(club.user.id)).user.id, shop.user.id)
    assert.equal(await fixture.living(), 1)
  })
}

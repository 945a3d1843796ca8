import assert from 'node:assert/strict'
import { CLUB, type DescribedTables, type LoggedIn, NEWS, open, SHOP, type TablesFixture } from '../store-fixture.ts'

/** Finding users by whatever id is at hand, barring them, and forgetting them. */
export function tablesOfUsers({ that }: DescribedTables): void {
  const on = ({ act }: TablesFixture, { user }: Pick<LoggedIn, 'user'>) => ({ act: act(), userId: user.id })

  that('a block ends every session, is told and audited; lifting it is too', async (fixture) => {
    const login = await fixture.logIn()
    assert.equal(await fixture.store.users.block(on(fixture, login)), true)
    assert.equal((await fixture.user(login.user.id)).user.status, 'blocked')
    assert.equal((await fixture.session(login)).ended, 'blocked')
    assert.equal(await fixture.store.users.unblock(on(fixture, login)), true)
    assert.equal((await fixture.user(login.user.id)).user.status, 'active')
    assert.deepEqual(await fixture.select('SELECT kind, user_id FROM outbox ORDER BY seq'), [
      { kind: 'user.created', user_id: login.user.id },
      { kind: 'user.blocked', user_id: login.user.id },
      { kind: 'user.unblocked', user_id: login.user.id },
    ])
    assert.equal(await fixture.count("audit_events WHERE kind IN ('user_blocked', 'user_unblocked')"), 2)
  })

  that('T40 a deletion leaves an id and nothing that names the person', async (fixture) => {
    const { user } = await fixture.logIn({ openid: 'o_canary', unionid: 'u_canary', code: 'code-1' })
    await fixture.logIn({ app: CLUB, openid: 'c_canary', unionid: 'u_canary' })
    await fixture.logIn({ openid: 'o_canary', unionid: 'u_canary_2' })
    assert.equal(await fixture.store.users.delete(on(fixture, { user })), true)
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
      assert.doesNotMatch(JSON.stringify(await fixture.select(`SELECT * FROM ${table}`)), /canary/, table)
    }
    assert.deepEqual(await fixture.select('SELECT id, status, unionid FROM users'), [
      { id: user.id, status: 'deleted', unionid: null },
    ])
    assert.deepEqual(
      await Promise.all(['identities', 'sessions', 'login_codes', 'conflicts'].map(fixture.count)),
      [0, 0, 0, 0],
    )
    assert.equal((await fixture.user(user.id)).user.status, 'deleted')
  })

  that('T40 deleting somebody who was two users once forgets what was written about that', async (fixture) => {
    await fixture.logIn({ openid: 'o_canary' })
    fixture.pass(1)
    const club = await fixture.logIn({ app: CLUB, openid: 'c_canary', unionid: 'u_canary' })
    await fixture.logIn({ openid: 'o_canary', unionid: 'u_canary' })
    // A former id stands for its survivor here too.
    assert.equal(await fixture.store.users.delete(on(fixture, club)), true)
    assert.deepEqual(await fixture.select('SELECT detail FROM unifications'), [{ detail: '{}' }])
    assert.equal(await fixture.store.users.findByIdentity({ appId: SHOP, openid: open('o_canary') }), undefined)
    assert.equal((await fixture.user(club.user.id)).user.status, 'deleted')
  })

  that(
    'a deletion that meets logins of the same person detaches whatever they made, or they are somebody new',
    async (fixture) => {
      for (let round = 0; round < 10; round++) {
        const visit = { openid: `o_${round}`, unionid: `u_${round}` }
        const login = await fixture.logIn(visit)
        await Promise.all([
          ...Array.from({ length: 5 }, () => fixture.logIn(visit)),
          fixture.store.users.delete(on(fixture, login)),
          fixture.logIn({ app: CLUB, ...visit }),
          fixture.logIn({ app: NEWS, ...visit }),
          ...Array.from({ length: 5 }, () => fixture.logIn(visit)),
        ])
        assert.equal(await fixture.count(`sessions WHERE user_id = '${login.user.id}'`), 0)
        assert.equal(await fixture.count(`identities WHERE user_id = '${login.user.id}'`), 0)
        assert.equal((await fixture.count(`identities WHERE openid = 'o_${round}' AND app_id = '${SHOP}'`)) <= 1, true)
      }
    },
  )

  that('a deletion that meets a unification of the same person is never forgotten', async (fixture) => {
    for (let round = 0; round < 15; round++) {
      await fixture.logIn({ openid: `o_${round}` })
      fixture.pass(1)
      const club = await fixture.logIn({ app: CLUB, openid: `o_${round}`, unionid: `u_${round}` })
      const [, deleted] = await Promise.all([
        fixture.logIn({ openid: `o_${round}`, unionid: `u_${round}` }),
        fixture.store.users.delete(on(fixture, club)),
      ])
      assert.equal(deleted, true)
      assert.equal((await fixture.user(club.user.id)).user.status, 'deleted')
      assert.equal(await fixture.count(`identities WHERE openid = 'o_${round}' AND app_id = '${CLUB}'`), 0)
    }
  })
}

import assert from 'node:assert/strict'
import { LIFETIMES, type RefreshStep, type Session } from '../../../src/domain/session.ts'
import { atOnce, CLUB, type DescribedStore, type LoggedIn, type StoreFixture } from '../store-fixture.ts'

/** Families of refresh tokens: what each token of each age is worth, alone and many at once; and how sessions end. */
export function promisesOfSessions({ that }: DescribedStore): void {
  const live = ({ store, now }: StoreFixture, { user }: LoggedIn): Promise<Session[]> =>
    store.sessions.listOf({ userId: user.id, now: now(), lifetimes: LIFETIMES })
  const end = ({ store, act }: StoreFixture, { user, facts }: LoggedIn) =>
    store.sessions.end({ act: act(), userId: user.id, sessionId: facts.session.id, reason: 'logout' })

  /** A session that was refreshed some times: every step that it has had. */
  const refreshed = async (
    fixture: StoreFixture,
    times: number,
  ): Promise<{ login: LoggedIn; steps: RefreshStep[] }> => {
    const login = await fixture.logIn()
    const steps = [login.step]
    for (let time = 0; time < times; time++) {
      fixture.pass(1000)
      const { verdict, session } = await fixture.refresh(login.facts.session, steps.at(-1) as RefreshStep)
      assert.equal(verdict, 'rotate')
      steps.push(session?.current as RefreshStep)
    }
    return { login, steps }
  }

  that('a refresh makes the next step and keeps the one before', async (fixture) => {
    const login = await fixture.logIn({ unionid: 'u_mei' })
    const before = await fixture.session(login)
    fixture.pass(5000)
    const facts = fixture.refreshFacts(login.facts.session, login.step)
    const outcome = await fixture.store.sessions.refresh(facts)
    assert.equal(outcome.verdict, 'rotate')
    assert.deepEqual(outcome.session, {
      ...before,
      lastUsedAt: fixture.now(),
      rotatedAt: fixture.now(),
      current: { generation: 1, ...facts.next },
      previous: login.step,
    })
    assert.deepEqual(outcome.user, login.user)
    assert.deepEqual(await fixture.session(login), outcome.session)
  })

  that(
    'T19 the direct predecessor yields the same successor, however often it comes within its thirty seconds',
    async (fixture) => {
      const { login, steps } = await refreshed(fixture, 1)
      for (const wait of [0, 1000, LIFETIMES.grace - 1000]) {
        fixture.pass(wait)
        const { verdict, session } = await fixture.refresh(login.facts.session, login.step)
        assert.equal(verdict, 'repeat')
        assert.deepEqual(session?.current, steps[1])
      }
      assert.equal((await fixture.session(login)).ended, undefined)
    },
  )

  that(
    'T19 the predecessor a moment too late, successor unused: a phone slept, and the session ends',
    async (fixture) => {
      const { login, steps } = await refreshed(fixture, 1)
      fixture.pass(LIFETIMES.grace + 1)
      const { verdict, session } = await fixture.refresh(login.facts.session, login.step)
      assert.deepEqual([verdict, session?.ended], ['late', 'late_retry'])
      assert.equal((await fixture.refresh(login.facts.session, steps[1] as RefreshStep)).verdict, 'stolen')
      const events = await fixture.store.events.list({
        after: undefined,
        limit: 9,
        kind: 'refresh_reused',
        userId: undefined,
      })
      assert.deepEqual(
        events.map(({ userId, sessionId, outcome, detail }) => ({ userId, sessionId, outcome, detail })),
        [
          {
            userId: login.user.id,
            sessionId: login.facts.session.id,
            outcome: 'refused',
            detail: { reason: 'late_retry' },
          },
        ],
      )
    },
  )

  that('T18 the predecessor after its successor was used: theft, and the family ends', async (fixture) => {
    const { login, steps } = await refreshed(fixture, 2)
    const { verdict, session } = await fixture.refresh(login.facts.session, steps[0] as RefreshStep)
    assert.deepEqual([verdict, session?.ended], ['stolen', 'reused'])
    for (const step of steps) assert.equal((await fixture.refresh(login.facts.session, step)).verdict, 'stolen')
    assert.equal(await fixture.audited('refresh_reused'), 1)
    assert.deepEqual(await live(fixture, login), [])
  })

  that('T18 each of the last twenty steps ends the family', async (fixture) => {
    for (let age = 2; age <= 21; age++) {
      const { login, steps } = await refreshed(fixture, age)
      assert.equal((await fixture.refresh(login.facts.session, steps[0] as RefreshStep)).verdict, 'stolen')
      assert.deepEqual(
        await live(fixture, login).then((sessions) => sessions.filter(({ id }) => id === login.facts.session.id)),
        [],
      )
    }
  })

  that('T20 a step that this session never had is nobody’s, and ends nothing', async (fixture) => {
    const { login, steps } = await refreshed(fixture, 1)
    const foreign = { ...(steps[1] as RefreshStep), salt: new Uint8Array(16) }
    for (const step of [foreign, { ...foreign, generation: 9 }, { ...(steps[1] as RefreshStep), keyNumber: 7 }]) {
      assert.equal((await fixture.refresh(login.facts.session, step)).verdict, 'unknown')
    }
    assert.equal((await fixture.refresh(login.facts.session, steps[1] as RefreshStep)).verdict, 'rotate')
  })

  that('a session that is not there is unknown', async (fixture) => {
    const login = await fixture.logIn()
    const outcome = await fixture.refresh({ id: `ses_${'0'.repeat(26)}` as never }, login.step)
    assert.deepEqual(outcome, { verdict: 'unknown', session: undefined, user: undefined })
  })

  that('T20 a session unused for its idle life is over, to the millisecond', async (fixture) => {
    const [early, late] = [await fixture.logIn({ openid: 'o_1' }), await fixture.logIn({ openid: 'o_2' })]
    fixture.pass(LIFETIMES.idle - 1)
    assert.equal((await fixture.refresh(early.facts.session, early.step)).verdict, 'rotate')
    fixture.pass(1)
    const { verdict, session } = await fixture.refresh(late.facts.session, late.step)
    assert.deepEqual([verdict, session?.ended], ['expired', 'expired'])
    assert.equal((await fixture.session(late)).ended, 'expired')
  })

  that('T20 no refresh carries a session beyond its absolute life', async (fixture) => {
    const login = await fixture.logIn()
    let step = login.step
    for (let day = 0; day < 3; day++) {
      fixture.pass(LIFETIMES.absolute / 4)
      const { verdict, session } = await fixture.refresh(login.facts.session, step)
      assert.equal(verdict, 'rotate')
      step = session?.current as RefreshStep
    }
    fixture.pass(LIFETIMES.absolute / 4)
    assert.equal((await fixture.refresh(login.facts.session, step)).verdict, 'expired')
  })

  that('T20 a clock that steps back lengthens no life', async (fixture) => {
    const { login, steps } = await refreshed(fixture, 1)
    const usedAt = (await fixture.session(login)).lastUsedAt
    fixture.pass(-3_600_000)
    const { verdict, session } = await fixture.refresh(login.facts.session, steps[1] as RefreshStep)
    assert.deepEqual([verdict, session?.lastUsedAt], ['rotate', usedAt])
    fixture.pass(3_600_000 + LIFETIMES.idle)
    assert.equal((await fixture.refresh(login.facts.session, session?.current as RefreshStep)).verdict, 'expired')
  })

  that('T19 a hundred refreshes of one token at once make one successor', async (fixture) => {
    const login = await fixture.logIn()
    const outcomes = await atOnce(100, () => fixture.refresh(login.facts.session, login.step))
    const salts = outcomes.map(({ session }) => Buffer.from(session?.current.salt ?? []).toString('hex'))
    assert.equal(new Set(salts).size, 1)
    assert.deepEqual(
      ['rotate', 'repeat'].map((verdict) => outcomes.filter((outcome) => outcome.verdict === verdict).length),
      [1, 99],
    )
    assert.equal((await fixture.session(login)).current.generation, 1)
  })

  that('T11 a blocked user refreshes nothing, and unblocking brings no session back', async (fixture) => {
    const login = await fixture.logIn()
    await fixture.store.users.block({ act: fixture.act(), userId: login.user.id })
    const barred = await fixture.refresh(login.facts.session, login.step)
    assert.deepEqual([barred.verdict, barred.user?.status], ['unknown', 'blocked'])
    await fixture.store.users.unblock({ act: fixture.act(), userId: login.user.id })
    assert.equal((await fixture.refresh(login.facts.session, login.step)).verdict, 'unknown')
    assert.equal((await fixture.session(login)).ended, 'blocked')
  })

  that('T20 a session that was logged out refreshes nothing, whichever of its steps comes', async (fixture) => {
    const { login, steps } = await refreshed(fixture, 2)
    assert.equal(await end(fixture, login), true)
    for (const step of steps) assert.equal((await fixture.refresh(login.facts.session, step)).verdict, 'unknown')
    assert.equal((await fixture.session(login)).ended, 'logout')
  })

  that('a logout ends this session only, once, and is audited once', async (fixture) => {
    const [one, other] = [await fixture.logIn(), await fixture.logIn()]
    assert.equal(await end(fixture, one), true)
    assert.equal(await end(fixture, one), false)
    assert.equal((await fixture.session(one)).ended, 'logout')
    assert.equal((await fixture.session(other)).ended, undefined)
    assert.equal(await fixture.audited('session_ended'), 1)
  })

  that('T34 nobody ends a session of somebody else', async (fixture) => {
    const [mei, bo] = [await fixture.logIn(), await fixture.logIn({ openid: 'o_bo' })]
    assert.equal(await end(fixture, { ...bo, facts: mei.facts }), false)
    assert.equal((await fixture.session(mei)).ended, undefined)
  })

  that('ending all sessions ends those of this user in every app, and says how many', async (fixture) => {
    const mei = await fixture.logIn({ unionid: 'u_mei' })
    await fixture.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    const bo = await fixture.logIn({ openid: 'o_bo' })
    const asked = () => fixture.store.sessions.endAll({ act: fixture.act(), userId: mei.user.id, reason: 'operator' })
    assert.deepEqual([await asked(), await asked()], [2, 0])
    assert.deepEqual(await live(fixture, mei), [])
    assert.equal((await live(fixture, bo)).length, 1)
  })

  that('T25 a former id stands for its survivor when sessions are ended', async (fixture) => {
    const shop = await fixture.logIn()
    fixture.pass(1)
    const club = await fixture.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    await fixture.logIn({ unionid: 'u_mei' })
    assert.equal(await end(fixture, club), true)
    assert.equal(
      await fixture.store.sessions.endAll({ act: fixture.act(), userId: club.user.id, reason: 'operator' }),
      2,
    )
    assert.deepEqual(await live(fixture, shop), [])
  })

  that('ending sessions of nobody ends none', async (fixture) => {
    const nobody = `usr_${'0'.repeat(26)}` as never
    const asked = { act: fixture.act(), userId: nobody, reason: 'operator' } as const
    assert.equal(await fixture.store.sessions.endAll(asked), 0)
  })

  that('live sessions are listed newest first, without those that ended or lived too long', async (fixture) => {
    const old = await fixture.logIn()
    fixture.pass(LIFETIMES.idle)
    const [first, second, third] = [await fixture.logIn(), await fixture.logIn(), await fixture.logIn()]
    await end(fixture, second)
    const expected = [first, third]
      .map(({ facts }) => facts.session.id)
      .sort()
      .reverse()
    assert.deepEqual(
      (await live(fixture, old)).map(({ id }) => id),
      expected,
    )
  })

  that('a session is found with its user, live or ended; one that never was is not', async (fixture) => {
    const login = await fixture.logIn({ unionid: 'u_mei' })
    await end(fixture, login)
    const found = await fixture.store.sessions.find(login.facts.session.id)
    assert.deepEqual(found?.user, login.user)
    assert.equal(found?.session.ended, 'logout')
    assert.equal(await fixture.store.sessions.find(`ses_${'0'.repeat(26)}` as never), undefined)
  })

  that('T25 a logout that meets refreshes of the same session wins', async (fixture) => {
    for (let round = 0; round < 20; round++) {
      const login = await fixture.logIn()
      await Promise.all([
        fixture.refresh(login.facts.session, login.step),
        end(fixture, login),
        fixture.refresh(login.facts.session, login.step),
      ])
      assert.equal((await fixture.session(login)).ended, 'logout')
    }
  })

  that('T11 a block that meets logins and refreshes of the same person leaves no live session', async (fixture) => {
    for (let round = 0; round < 15; round++) {
      const visit = { openid: `o_${round}` }
      const login = await fixture.logIn(visit)
      await Promise.all([
        ...Array.from({ length: 6 }, () => fixture.logIn(visit)),
        fixture.store.users.block({ act: fixture.act(), userId: login.user.id }),
        fixture.refresh(login.facts.session, login.step),
        ...Array.from({ length: 6 }, () => fixture.logIn(visit)),
      ])
      assert.deepEqual(await live(fixture, login), [])
    }
  })

  that('T16 refreshes that meet a unification go on, and belong to the survivor', async (fixture) => {
    for (let round = 0; round < 10; round++) {
      const shop = await fixture.logIn({ openid: `o_${round}` })
      fixture.pass(1)
      const club = await fixture.logIn({ app: CLUB, openid: `o_${round}`, unionid: `u_${round}` })
      const [, ...outcomes] = await Promise.all([
        fixture.logIn({ openid: `o_${round}`, unionid: `u_${round}` }),
        fixture.refresh(club.facts.session, club.step),
        fixture.refresh(shop.facts.session, shop.step),
        fixture.refresh(club.facts.session, club.step),
      ])
      for (const { verdict } of outcomes) assert.ok(verdict === 'rotate' || verdict === 'repeat')
      for (const login of [shop, club]) assert.equal((await fixture.session(login)).userId, shop.user.id)
    }
  })
}

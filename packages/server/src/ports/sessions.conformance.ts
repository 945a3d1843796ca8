import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { LIFETIMES, type RefreshStep, type Session } from '../domain/session.ts'
import { atOnce, CLUB, checkGraph, type LoggedIn, newPlace, type Open, type Place } from './under-test.conformance.ts'

/** Families of refresh tokens: what each token of each age is worth, alone and many at once; and how sessions end. */
export function sessionsConformance(name: string, openStore: Open): void {
  const that = (sentence: string, work: (place: Place) => Promise<void>): void => {
    test(`${name}: ${sentence}`, async (t: TestContext) => {
      const place = await newPlace(t, openStore)
      await work(place)
      await checkGraph(place)
    })
  }
  const live = ({ store, now }: Place, { user }: LoggedIn): Promise<Session[]> =>
    store.sessions.listOf({ userId: user.id, now: now(), lifetimes: LIFETIMES })
  const end = ({ store, act }: Place, { user, facts }: LoggedIn) =>
    store.sessions.end({ act: act(), userId: user.id, sessionId: facts.session.id, reason: 'logout' })

  /** A session that was refreshed some times: every step that it has had. */
  const refreshed = async (place: Place, times: number): Promise<{ login: LoggedIn; steps: RefreshStep[] }> => {
    const login = await place.logIn()
    const steps = [login.step]
    for (let time = 0; time < times; time++) {
      place.pass(1000)
      const { verdict, session } = await place.refresh(login.facts.session, steps.at(-1) as RefreshStep)
      assert.equal(verdict, 'rotate')
      steps.push(session?.current as RefreshStep)
    }
    return { login, steps }
  }

  that('a refresh makes the next step and keeps the one before', async (place) => {
    const login = await place.logIn({ unionid: 'u_mei' })
    const before = await place.session(login)
    place.pass(5000)
    const facts = place.refreshFacts(login.facts.session, login.step)
    const outcome = await place.store.sessions.refresh(facts)
    assert.equal(outcome.verdict, 'rotate')
    assert.deepEqual(outcome.session, {
      ...before,
      lastUsedAt: place.now(),
      rotatedAt: place.now(),
      current: { generation: 1, ...facts.next },
      previous: login.step,
    })
    assert.deepEqual(outcome.user, login.user)
    assert.deepEqual(await place.session(login), outcome.session)
  })

  that(
    'T19 the direct predecessor yields the same successor, however often it comes within its thirty seconds',
    async (place) => {
      const { login, steps } = await refreshed(place, 1)
      for (const wait of [0, 1000, LIFETIMES.grace - 1000]) {
        place.pass(wait)
        const { verdict, session } = await place.refresh(login.facts.session, login.step)
        assert.equal(verdict, 'repeat')
        assert.deepEqual(session?.current, steps[1])
      }
      assert.equal((await place.session(login)).ended, undefined)
    },
  )

  that(
    'T19 the predecessor a moment too late, successor unused: a phone slept, and the session ends',
    async (place) => {
      const { login, steps } = await refreshed(place, 1)
      place.pass(LIFETIMES.grace + 1)
      const { verdict, session } = await place.refresh(login.facts.session, login.step)
      assert.deepEqual([verdict, session?.ended], ['late', 'late_retry'])
      assert.equal((await place.refresh(login.facts.session, steps[1] as RefreshStep)).verdict, 'stolen')
      const events = await place.store.events.list({
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

  that('T18 the predecessor after its successor was used: theft, and the family ends', async (place) => {
    const { login, steps } = await refreshed(place, 2)
    const { verdict, session } = await place.refresh(login.facts.session, steps[0] as RefreshStep)
    assert.deepEqual([verdict, session?.ended], ['stolen', 'reused'])
    for (const step of steps) assert.equal((await place.refresh(login.facts.session, step)).verdict, 'stolen')
    assert.equal(await place.count("audit_events WHERE kind = 'refresh_reused'"), 1)
    assert.deepEqual(await live(place, login), [])
  })

  that('T18 each of the last twenty steps ends the family', async (place) => {
    for (let age = 2; age <= 21; age++) {
      const { login, steps } = await refreshed(place, age)
      assert.equal((await place.refresh(login.facts.session, steps[0] as RefreshStep)).verdict, 'stolen')
      assert.deepEqual(
        await live(place, login).then((sessions) => sessions.filter(({ id }) => id === login.facts.session.id)),
        [],
      )
    }
  })

  that('T20 a step that this session never had is nobody’s, and ends nothing', async (place) => {
    const { login, steps } = await refreshed(place, 1)
    const foreign = { ...(steps[1] as RefreshStep), salt: new Uint8Array(16) }
    for (const step of [foreign, { ...foreign, generation: 9 }, { ...(steps[1] as RefreshStep), keyNumber: 7 }]) {
      assert.equal((await place.refresh(login.facts.session, step)).verdict, 'unknown')
    }
    assert.equal((await place.refresh(login.facts.session, steps[1] as RefreshStep)).verdict, 'rotate')
  })

  that('a session that is not there is unknown', async (place) => {
    const login = await place.logIn()
    const outcome = await place.refresh({ id: `ses_${'0'.repeat(26)}` as never }, login.step)
    assert.deepEqual(outcome, { verdict: 'unknown', session: undefined, user: undefined })
  })

  that('T20 a session unused for its idle life is over, to the millisecond', async (place) => {
    const [early, late] = [await place.logIn({ openid: 'o_1' }), await place.logIn({ openid: 'o_2' })]
    place.pass(LIFETIMES.idle - 1)
    assert.equal((await place.refresh(early.facts.session, early.step)).verdict, 'rotate')
    place.pass(1)
    const { verdict, session } = await place.refresh(late.facts.session, late.step)
    assert.deepEqual([verdict, session?.ended], ['expired', 'expired'])
    assert.equal((await place.session(late)).ended, 'expired')
  })

  that('T20 no refresh carries a session beyond its absolute life', async (place) => {
    const login = await place.logIn()
    let step = login.step
    for (let day = 0; day < 3; day++) {
      place.pass(LIFETIMES.absolute / 4)
      const { verdict, session } = await place.refresh(login.facts.session, step)
      assert.equal(verdict, 'rotate')
      step = session?.current as RefreshStep
    }
    place.pass(LIFETIMES.absolute / 4)
    assert.equal((await place.refresh(login.facts.session, step)).verdict, 'expired')
  })

  that('T20 a clock that steps back lengthens no life', async (place) => {
    const { login, steps } = await refreshed(place, 1)
    const usedAt = (await place.session(login)).lastUsedAt
    place.pass(-3_600_000)
    const { verdict, session } = await place.refresh(login.facts.session, steps[1] as RefreshStep)
    assert.deepEqual([verdict, session?.lastUsedAt], ['rotate', usedAt])
    place.pass(3_600_000 + LIFETIMES.idle)
    assert.equal((await place.refresh(login.facts.session, session?.current as RefreshStep)).verdict, 'expired')
  })

  that('T19 a hundred refreshes of one token at once make one successor', async (place) => {
    const login = await place.logIn()
    const outcomes = await atOnce(100, () => place.refresh(login.facts.session, login.step))
    const salts = outcomes.map(({ session }) => Buffer.from(session?.current.salt ?? []).toString('hex'))
    assert.equal(new Set(salts).size, 1)
    assert.deepEqual(
      ['rotate', 'repeat'].map((verdict) => outcomes.filter((outcome) => outcome.verdict === verdict).length),
      [1, 99],
    )
    assert.equal((await place.session(login)).current.generation, 1)
  })

  that('T19 ten devices that each refresh ten times at once go ten steps each, and none is lost', async (place) => {
    const devices = await atOnce(10, () => place.logIn())
    await Promise.all(
      devices.map(async ({ facts, step }) => {
        let current = step
        for (let time = 0; time < 10; time++) {
          const { verdict, session } = await place.refresh(facts.session, current)
          assert.equal(verdict, 'rotate')
          current = session?.current as RefreshStep
        }
      }),
    )
    assert.deepEqual(await place.select('SELECT DISTINCT generation FROM sessions'), [{ generation: 10 }])
  })

  that('T11 a blocked user refreshes nothing, and unblocking brings no session back', async (place) => {
    const login = await place.logIn()
    await place.store.users.block({ act: place.act(), userId: login.user.id })
    const barred = await place.refresh(login.facts.session, login.step)
    assert.deepEqual([barred.verdict, barred.user?.status], ['unknown', 'blocked'])
    await place.store.users.unblock({ act: place.act(), userId: login.user.id })
    assert.equal((await place.refresh(login.facts.session, login.step)).verdict, 'unknown')
    assert.equal((await place.session(login)).ended, 'blocked')
  })

  that('T20 a session that was logged out refreshes nothing, whichever of its steps comes', async (place) => {
    const { login, steps } = await refreshed(place, 2)
    assert.equal(await end(place, login), true)
    for (const step of steps) assert.equal((await place.refresh(login.facts.session, step)).verdict, 'unknown')
    assert.equal((await place.session(login)).ended, 'logout')
  })

  that('a logout ends this session only, once, and is audited once', async (place) => {
    const [one, other] = [await place.logIn(), await place.logIn()]
    assert.equal(await end(place, one), true)
    assert.equal(await end(place, one), false)
    assert.equal((await place.session(one)).ended, 'logout')
    assert.equal((await place.session(other)).ended, undefined)
    assert.equal(await place.count("audit_events WHERE kind = 'session_ended'"), 1)
  })

  that('T34 nobody ends a session of somebody else', async (place) => {
    const [mei, bo] = [await place.logIn(), await place.logIn({ openid: 'o_bo' })]
    assert.equal(await end(place, { ...bo, facts: mei.facts }), false)
    assert.equal((await place.session(mei)).ended, undefined)
  })

  that('ending all sessions ends those of this user in every app, and says how many', async (place) => {
    const mei = await place.logIn({ unionid: 'u_mei' })
    await place.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    const bo = await place.logIn({ openid: 'o_bo' })
    const asked = () => place.store.sessions.endAll({ act: place.act(), userId: mei.user.id, reason: 'operator' })
    assert.deepEqual([await asked(), await asked()], [2, 0])
    assert.deepEqual(await live(place, mei), [])
    assert.equal((await live(place, bo)).length, 1)
  })

  that('T25 a former id stands for its survivor when sessions are ended', async (place) => {
    const shop = await place.logIn()
    place.pass(1)
    const club = await place.logIn({ app: CLUB, openid: 'c_mei', unionid: 'u_mei' })
    await place.logIn({ unionid: 'u_mei' })
    assert.equal(await end(place, club), true)
    assert.equal(await place.store.sessions.endAll({ act: place.act(), userId: club.user.id, reason: 'operator' }), 2)
    assert.deepEqual(await live(place, shop), [])
  })

  that('ending sessions of nobody ends none', async (place) => {
    const nobody = `usr_${'0'.repeat(26)}` as never
    const asked = { act: place.act(), userId: nobody, reason: 'operator' } as const
    assert.equal(await place.store.sessions.endAll(asked), 0)
  })

  that('live sessions are listed newest first, without those that ended or lived too long', async (place) => {
    const old = await place.logIn()
    place.pass(LIFETIMES.idle)
    const [first, second, third] = [await place.logIn(), await place.logIn(), await place.logIn()]
    await end(place, second)
    const expected = [first, third]
      .map(({ facts }) => facts.session.id)
      .sort()
      .reverse()
    assert.deepEqual(
      (await live(place, old)).map(({ id }) => id),
      expected,
    )
  })

  that('a session is found with its user, live or ended; one that never was is not', async (place) => {
    const login = await place.logIn({ unionid: 'u_mei' })
    await end(place, login)
    const found = await place.store.sessions.find(login.facts.session.id)
    assert.deepEqual(found?.user, login.user)
    assert.equal(found?.session.ended, 'logout')
    assert.equal(await place.store.sessions.find(`ses_${'0'.repeat(26)}` as never), undefined)
  })

  that('T25 a logout that meets refreshes of the same session wins', async (place) => {
    for (let round = 0; round < 20; round++) {
      const login = await place.logIn()
      await Promise.all([
        place.refresh(login.facts.session, login.step),
        end(place, login),
        place.refresh(login.facts.session, login.step),
      ])
      assert.equal((await place.session(login)).ended, 'logout')
    }
  })

  that('T11 a block that meets logins and refreshes of the same person leaves no live session', async (place) => {
    for (let round = 0; round < 15; round++) {
      const visit = { openid: `o_${round}` }
      const login = await place.logIn(visit)
      await Promise.all([
        ...Array.from({ length: 6 }, () => place.logIn(visit)),
        place.store.users.block({ act: place.act(), userId: login.user.id }),
        place.refresh(login.facts.session, login.step),
        ...Array.from({ length: 6 }, () => place.logIn(visit)),
      ])
      assert.deepEqual(await live(place, login), [])
    }
  })

  that('T16 refreshes that meet a unification go on, and belong to the survivor', async (place) => {
    for (let round = 0; round < 10; round++) {
      const shop = await place.logIn({ openid: `o_${round}` })
      place.pass(1)
      const club = await place.logIn({ app: CLUB, openid: `o_${round}`, unionid: `u_${round}` })
      const [, ...outcomes] = await Promise.all([
        place.logIn({ openid: `o_${round}`, unionid: `u_${round}` }),
        place.refresh(club.facts.session, club.step),
        place.refresh(shop.facts.session, shop.step),
        place.refresh(club.facts.session, club.step),
      ])
      for (const { verdict } of outcomes) assert.ok(verdict === 'rotate' || verdict === 'repeat')
      for (const login of [shop, club]) assert.equal((await place.session(login)).userId, shop.user.id)
    }
  })
}

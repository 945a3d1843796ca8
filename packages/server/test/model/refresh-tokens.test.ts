import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DAY, HOUR, SECOND } from '../fixture/time.ts'
import { newRefreshFixture } from './refresh-fixture.ts'
import { refreshScenarios } from './refresh-scenario.ts'
import { draws, rounds } from './rounds.ts'
import { runRefreshScenario } from './run-refresh-scenario.ts'
import { inlineStore, postgresStore, type StoreFixture } from './store-fixture.ts'

const AT_A_TIME = 25

/** Checks a property for many drawn inputs on one store, each with a number of its own. Says how many there were. */
async function check<T>(
  { most, within }: { most: number; within: number },
  inputs: fc.Arbitrary<T>,
  one: (input: T, number: number) => Promise<void>,
): Promise<string> {
  let number = 0
  for (const _ of rounds(most / AT_A_TIME, within)) {
    await fc.assert(
      fc.asyncProperty(inputs, (input) => one(input, number++)),
      draws(AT_A_TIME),
    )
  }
  return `${number} runs`
}

/** What an honest client goes through: some time passes, some answers are lost and asked for again soon, and others live on. */
interface Outing {
  rest: number
  lost: number[]
  meanwhile: 'nothing' | 'another-login' | 'unify' | 'restart'
}
const outing: fc.Arbitrary<Outing> = fc.record({
  rest: fc.constantFrom(0, SECOND, 31 * SECOND, DAY, 20 * DAY, -HOUR),
  lost: fc.array(fc.integer({ min: -6 * SECOND, max: 6 * SECOND }), { maxLength: 5 }),
  meanwhile: fc.oneof(
    { weight: 60, arbitrary: fc.constantFrom('nothing', 'another-login', 'unify') },
    { weight: 1, arbitrary: fc.constant('restart') },
  ),
})

/** Nobody else has the token, and every retry comes within the grace: then it always gets on, to one successor each time. */
async function honest(store: StoreFixture, outings: readonly Outing[], number: number): Promise<void> {
  const apps = [`wx-h${number}-0`, `wx-h${number}-1`] as const
  const fixture = await newRefreshFixture(store, `honest-${number}`, apps)
  let { token = '' } = await fixture.logIn({ app: apps[0], openid: 'o', unionid: undefined })
  const seen = new Set([token])
  const began = fixture.now()
  let unified = false
  const refresh = async (): Promise<string> => {
    const answer = await fixture.refresh(token)
    return 'token' in answer ? answer.token : assert.fail(`an honest client was logged out: ${answer.refused}`)
  }
  for (const { rest, lost, meanwhile } of outings) {
    if (fixture.now() + rest - began > 60 * DAY) return
    fixture.advance(rest)
    const unheard = lost.length > 0 ? await refresh() : undefined
    for (const wait of lost) {
      if (meanwhile === 'restart') await store.restart()
      if (meanwhile !== 'nothing') await fixture.logIn({ app: apps[1], openid: 'o', unionid: 'u' })
      // Once: ten more sessions in its own app would end this one.
      if (meanwhile === 'unify' && !unified) await fixture.logIn({ app: apps[0], openid: 'o', unionid: 'u' })
      unified ||= meanwhile === 'unify'
      fixture.advance(wait)
      assert.equal(await refresh(), unheard)
    }
    token = unheard ?? (await refresh())
    assert.ok(!seen.has(token))
    seen.add(token)
  }
}

for (const [name, open, most, within] of [
  ['SQLite', inlineStore, 10_000, 8000],
  ['PostgreSQL', postgresStore, 1_000, 6000],
] as const) {
  test(`${name}: refresh tokens are given, taken and refused as the model says`, async (t) => {
    const store = await open()
    try {
      await t.test(
        'T18 T19 T20 T21 once a copied token shows nobody keeps the session, and each token has one successor',
        async (part) =>
          part.diagnostic(
            await check({ most, within }, refreshScenarios, (steps, number) =>
              runRefreshScenario(store, steps, number),
            ),
          ),
      )
      await t.test('T19 T20 a client that only retries within the grace is never logged out', async (part) => {
        const outings = fc.array(outing, { minLength: 1, maxLength: 12 })
        part.diagnostic(
          await check({ most: 1_000, within: within / 3 }, outings, (all, number) => honest(store, all, number)),
        )
      })
    } finally {
      await store.close()
    }
  })
}

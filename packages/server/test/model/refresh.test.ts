import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openDesk } from './desk.ts'
import { playPhones, turns } from './phones.ts'
import { postgresStage, quickStage, type Stage } from './stage.ts'
import { rounds } from './told.ts'

const SECOND = 1000
const DAY = 86_400 * SECOND
const AT_A_TIME = 25

/** One stage, many runs of a property, each with a number of its own. */
async function runs(most: number, within: number, run: (from: number) => Promise<number>): Promise<string> {
  let number = 0
  for (const _ of rounds(most / AT_A_TIME, within)) number = await run(number)
  return `${number} runs`
}

/** What an honest phone goes through: some time passes, some answers are lost and asked for again soon, and others live on. */
interface Outing {
  rest: number
  lost: number[]
  meanwhile: 'nothing' | 'another-login' | 'unify' | 'restart'
}
const outing: fc.Arbitrary<Outing> = fc.record({
  rest: fc.constantFrom(0, SECOND, 31 * SECOND, DAY, 20 * DAY, -3600 * SECOND),
  lost: fc.array(fc.integer({ min: -6 * SECOND, max: 6 * SECOND }), { maxLength: 5 }),
  meanwhile: fc.oneof(
    { weight: 60, arbitrary: fc.constantFrom('nothing', 'another-login', 'unify') },
    { weight: 1, arbitrary: fc.constant('restart') },
  ),
})

/** Nobody else has the token, and every retry comes within the grace: then it always gets on, to one successor each time. */
async function honest(stage: Stage, outings: readonly Outing[], number: number): Promise<void> {
  const apps = [`wx-h${number}-0`, `wx-h${number}-1`] as const
  const desk = await openDesk(stage, `h${number}`, apps)
  let { token = '' } = await desk.logIn({ app: apps[0], openid: 'o', unionid: undefined })
  const seen = new Set([token])
  const began = desk.now()
  let unified = false
  const refresh = async (): Promise<string> => {
    const answer = await desk.refresh(token)
    return 'token' in answer ? answer.token : assert.fail(`an honest phone was logged out: ${answer.refused}`)
  }
  for (const { rest, lost, meanwhile } of outings) {
    if (desk.now() + rest - began > 60 * DAY) return
    desk.advance(rest)
    const unheard = lost.length > 0 ? await refresh() : undefined
    for (const wait of lost) {
      if (meanwhile === 'restart') await stage.restart()
      if (meanwhile !== 'nothing') await desk.logIn({ app: apps[1], openid: 'o', unionid: 'u' })
      // Once: ten more sessions in its own app would end this one.
      if (meanwhile === 'unify' && !unified) await desk.logIn({ app: apps[0], openid: 'o', unionid: 'u' })
      unified ||= meanwhile === 'unify'
      desk.advance(wait)
      assert.equal(await refresh(), unheard)
    }
    token = unheard ?? (await refresh())
    assert.ok(!seen.has(token))
    seen.add(token)
  }
}

for (const [name, open, within] of [
  ['SQLite', quickStage, 8000],
  ['PostgreSQL', postgresStage, 6000],
] as const) {
  test(`${name}: refresh tokens live and die as docs/api.md says`, async (t) => {
    const stage = await open()
    try {
      await t.test(
        'T18 T19 T20 T21 after a theft is visible nobody stays, and one token has one successor',
        async (part) => {
          const run = async (from: number): Promise<number> => {
            let number = from
            const one = fc.asyncProperty(turns, (all) => playPhones(stage, all, number++))
            await fc.assert(one, { numRuns: AT_A_TIME })
            return number
          }
          part.diagnostic(await runs(name === 'SQLite' ? 10_000 : 1_000, within, run))
        },
      )
      await t.test('T19 T20 a phone that only retries within the grace is never logged out', async (part) => {
        const run = async (from: number): Promise<number> => {
          let number = from
          const outings = fc.array(outing, { minLength: 1, maxLength: 12 })
          await fc.assert(
            fc.asyncProperty(outings, (all) => honest(stage, all, number++)),
            { numRuns: AT_A_TIME },
          )
          return number
        }
        part.diagnostic(await runs(1_000, within / 3, run))
      })
    } finally {
      await stage.close()
    }
  })
}

import { test } from 'node:test'
import fc from 'fast-check'
import { newServer } from '../fixture/server.ts'
import { draws, rounds } from './rounds.ts'
import { runScenarioOverHttp } from './run-scenario-over-http.ts'
import { scenarios } from './scenario-arbitrary.ts'

test('T12 T14 I1–I9 a whole server, asked over HTTP with the simulator as WeChat, answers as the model says', async (t) => {
  let number = 0
  for (const _ of rounds(100, 10_000)) {
    const one = fc.asyncProperty(scenarios({ restarts: true }), async (scenario) => {
      let failure: unknown
      await t.test(`scenario ${++number}`, async (part) => {
        const server = await newServer(part, { settings: { HUFU_LOGIN_LIMIT: '0' } })
        await runScenarioOverHttp(server, scenario).catch((error: unknown) => {
          failure = error
        })
      })
      if (failure) throw failure
    })
    await fc.assert(one, draws(5))
  }
  t.diagnostic(`${number} scenarios`)
})

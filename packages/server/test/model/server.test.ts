import { test } from 'node:test'
import fc from 'fast-check'
import { newWorld } from '../world.ts'
import { tellServer } from './server-story.ts'
import { stories } from './steps.ts'
import { rounds } from './told.ts'

test('T12 T14 I1–I9 a whole server, asked over HTTP with the simulator as WeChat, goes by the same model', async (t) => {
  let number = 0
  for (const _ of rounds(100, 10_000)) {
    const one = fc.asyncProperty(stories({ restarts: true }), async (story) => {
      let failure: unknown
      await t.test(`story ${++number}`, async (part) => {
        const world = await newWorld(part, { settings: { HUFU_LOGIN_LIMIT: '0' } })
        await tellServer(world, story).catch((error: unknown) => {
          failure = error
        })
      })
      if (failure) throw failure
    })
    await fc.assert(one, { numRuns: 5 })
  }
  t.diagnostic(`${number} stories`)
})

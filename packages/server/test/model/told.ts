import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { play } from './play.ts'
import { regressions } from './regressions.ts'
import type { Stage } from './stage.ts'
import { type Story, stories } from './steps.ts'
import { checkWhole } from './tables.ts'

/** The long counts: `npm run test:deep`. */
export const deep = process.env.HUFU_TEST_DEEP !== undefined

interface Telling {
  stories: number
  /** Milliseconds after which no more are told; the deep run tells them all. */
  within: number
  restarts: boolean
}

/**
 * Tells many stories on one stage, after those that failed once. A failure names its seed and its path, which belong
 * into `regressions.ts`.
 */
export async function tell(t: TestContext, open: () => Promise<Stage>, telling: Telling): Promise<void> {
  const stage = await open()
  const until = performance.now() + (deep ? Number.POSITIVE_INFINITY : telling.within)
  const total = { stories: 0, steps: 0 }
  const one = async (story: Story): Promise<void> => {
    const number = total.stories++
    total.steps += story.steps.length
    await play(stage, story, number)
  }
  try {
    for (const story of regressions) await one(story)
    while (total.stories < telling.stories && performance.now() < until) {
      await fc.assert(fc.asyncProperty(stories(telling), one), { numRuns: 100 })
    }
    await checkWhole(stage)
    t.diagnostic(`${total.stories} stories, ${total.steps} steps`)
  } finally {
    await stage.close()
  }
}

import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { play } from './play.ts'
import { regressions } from './regressions.ts'
import type { Stage } from './stage.ts'
import { type Story, stories } from './steps.ts'
import { checkWhole } from './tables.ts'

/** The long counts: `npm run test:deep`. */
export const deep = process.env.HUFU_TEST_DEEP !== undefined

/** Turns up to `most`, or as many as fit into `within` milliseconds; all of them in the deep run. Yields their numbers. */
export function* rounds(most: number, within: number): Generator<number> {
  const until = performance.now() + (deep ? Number.POSITIVE_INFINITY : within)
  for (let round = 0; round < most && (round === 0 || performance.now() < until); round++) yield round
}

const AT_A_TIME = 10

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
  const total = { stories: 0, steps: 0 }
  const one = async (story: Story): Promise<void> => {
    const number = total.stories++
    total.steps += story.steps.length
    await play(stage, story, number)
  }
  try {
    for (const story of regressions) await one(story)
    for (const _ of rounds(telling.stories / AT_A_TIME, telling.within)) {
      await fc.assert(fc.asyncProperty(stories(telling), one), { numRuns: AT_A_TIME })
    }
    await checkWhole(stage)
    t.diagnostic(`${total.stories} stories, ${total.steps} steps`)
  } finally {
    await stage.close()
  }
}

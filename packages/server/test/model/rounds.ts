import type { Parameters } from 'fast-check'

/** The long counts: `npm run test:deep`. */
export const deep = process.env.HUFU_TEST_DEEP !== undefined

/**
 * Yields round numbers from 0: up to `most`, or as many as begin within `milliseconds`, and at least one. The deep run does
 * all of them. How long a round takes decides only how many there are, never whether the test passes.
 */
export function* rounds(most: number, milliseconds: number): Generator<number> {
  const until = performance.now() + (deep ? Number.POSITIVE_INFINITY : milliseconds)
  for (let round = 0; round < most && (round === 0 || performance.now() < until); round++) yield round
}

/**
 * How a property is checked. A failure prints `seed` and `path`; to have it again, and nothing before it:
 *
 *     HUFU_TEST_SEED=… HUFU_TEST_PATH=… npm test -- packages/server/test/model/<file>.test.ts
 */
export function draws(numRuns: number): Parameters<unknown> {
  const { HUFU_TEST_SEED: seed, HUFU_TEST_PATH: path } = process.env
  return {
    numRuns,
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(path === undefined ? {} : { path }),
  }
}

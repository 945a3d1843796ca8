import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { apply } from './apply.ts'
import { compare, compareEveryId } from './compare.ts'
import { checkDatabase } from './invariants.ts'
import { regressions } from './regressions.ts'
import { draws, rounds } from './rounds.ts'
import type { Scenario } from './scenario.ts'
import { scenarios } from './scenario-arbitrary.ts'
import { newState } from './state.ts'
import type { StoreFixture } from './store-fixture.ts'

const AT_A_TIME = 10

interface Run {
  scenarios: number
  /** Milliseconds after which no more are begun; the deep run does them all. */
  within: number
  restarts: boolean
}

/**
 * Proves that a store decides whose user a login is as docs/identity.md says, whatever happens in whatever order: runs the
 * regressions and then random scenarios on one store, each in realms of its own. A failure prints its seed and path (see
 * `draws` for how to have it again) and the scenario it shrank to, which belongs into `regressions.ts`.
 */
export async function runScenarios(t: TestContext, open: () => Promise<StoreFixture>, run: Run): Promise<void> {
  const fixture = await open()
  const total = { scenarios: 0, steps: 0 }
  const one = async (scenario: Scenario): Promise<void> => {
    const number = total.scenarios++
    total.steps += scenario.steps.length
    await runScenario(fixture, scenario, number)
  }
  try {
    for (const scenario of regressions) await one(scenario)
    for (const _ of rounds(run.scenarios / AT_A_TIME, run.within)) {
      await fc.assert(fc.asyncProperty(scenarios(run), one), draws(AT_A_TIME))
    }
    await checkDatabase(fixture)
    t.diagnostic(`${total.scenarios} scenarios, ${total.steps} steps`)
  } finally {
    await fixture.close()
  }
}

/** Applies one scenario step by step; after every step that asked the store anything, the tables must be as the model says. */
async function runScenario(fixture: StoreFixture, scenario: Scenario, number: number): Promise<void> {
  const state = await newState(fixture, scenario, number)
  for (const step of scenario.steps) {
    const hasAsked = await apply(state, step)
    if (hasAsked) await compare(state)
  }
  await compareEveryId(state)
}

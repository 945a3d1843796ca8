import assert from 'node:assert/strict'
import type { RefreshStep } from '../../../src/domain/session.ts'
import { atOnce, type DescribedTables } from '../store-fixture.ts'

/** Families of refresh tokens: what each token of each age is worth, alone and many at once; and how sessions end. */
export function tablesOfSessions({ that }: DescribedTables): void {
  that('T19 ten devices that each refresh ten times at once go ten steps each, and none is lost', async (fixture) => {
    const devices = await atOnce(10, () => fixture.logIn())
    await Promise.all(
      devices.map(async ({ facts, step }) => {
        let current = step
        for (let time = 0; time < 10; time++) {
          const { verdict, session } = await fixture.refresh(facts.session, current)
          assert.equal(verdict, 'rotate')
          current = session?.current as RefreshStep
        }
      }),
    )
    assert.deepEqual(await fixture.select('SELECT DISTINCT generation FROM sessions'), [{ generation: 10 }])
  })
}

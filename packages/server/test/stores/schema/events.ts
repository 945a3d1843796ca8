import assert from 'node:assert/strict'
import type { OutboxEvent } from '../../../src/domain/events.ts'
import { MINUTE } from '../../../src/domain/time.ts'
import { atOnce, type DescribedTables, type TablesFixture } from '../store-fixture.ts'

/** The audit, and the outbox that the product hears from. */
export function tablesOfEvents({ that }: DescribedTables): void {
  const claim = ({ store, now }: TablesFixture, limit = 100) => store.events.claim({ now: now(), lapse: MINUTE, limit })
  const deliver = ({ store, now }: TablesFixture, events: OutboxEvent[]) =>
    store.events.delivered({ now: now(), seqs: events.map(({ seq }) => seq) })
  that('processes that claim and deliver while people come lose nothing and repeat nothing', async (fixture) => {
    const heard: string[] = []
    let isOver = false
    const listeners = atOnce(3, async () => {
      while (!isOver || (await fixture.count('outbox WHERE delivered_at IS NULL')) > 0) {
        const claimed = await claim(fixture, 4)
        heard.push(...claimed.map(({ userId }) => userId))
        await deliver(fixture, claimed)
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
    const logins = await atOnce(40, (index) => fixture.logIn({ openid: `o_${index}` }))
    isOver = true
    await listeners
    assert.deepEqual(heard.toSorted(), logins.map(({ user }) => user.id).toSorted())
  })
}

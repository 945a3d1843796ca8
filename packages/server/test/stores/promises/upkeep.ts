import assert from 'node:assert/strict'
import { RETENTION } from '../../../src/domain/events.ts'
import { LIFETIMES } from '../../../src/domain/session.ts'
import { DAY } from '../../../src/domain/time.ts'
import type { DescribedStore, StoreFixture } from '../store-fixture.ts'

/** Cleaning, which never takes what still lives; and how a store ends. */
export function promisesOfUpkeep({ that }: DescribedStore): void {
  const sweep = ({ store, now }: StoreFixture, limit = 1000) =>
    store.upkeep.sweep({ now: now(), lifetimes: LIFETIMES, retention: RETENTION, limit })
  /** Sweeps until every table has been walked through from its beginning. */
  const sweepAll = async (fixture: StoreFixture): Promise<void> => {
    for (let slice = 0; slice < 4; slice++) await sweep(fixture)
  }

  that('T20 a sweep takes sessions past their life, and none a millisecond before', async (fixture) => {
    const idle = await fixture.logIn()
    fixture.pass(LIFETIMES.idle - 1)
    await sweepAll(fixture)
    assert.equal((await fixture.session(idle)).ended, undefined)
    fixture.pass(1)
    const young = await fixture.logIn()
    await sweepAll(fixture)
    assert.equal(await fixture.store.sessions.find(idle.facts.session.id), undefined)
    assert.equal((await fixture.session(young)).ended, undefined)
  })

  that('a session that was used again is not swept for its age', async (fixture) => {
    const login = await fixture.logIn()
    fixture.pass(LIFETIMES.idle - DAY)
    await fixture.refresh(login.facts.session, login.step)
    fixture.pass(2 * DAY)
    await sweepAll(fixture)
    assert.equal((await fixture.session(login)).ended, undefined)
  })

  that('a sweep says what it took', async (fixture) => {
    await fixture.logIn({ code: 'code-1' })
    fixture.pass(LIFETIMES.absolute)
    const { sessions, codes, sessionKeys } = await sweep(fixture)
    assert.deepEqual({ sessions, codes, sessionKeys }, { sessions: 1, codes: 1, sessionKeys: 1 })
  })

  that('a store that is open answers, and one that is closed refuses, cleanly', async (fixture) => {
    const { store } = fixture
    await store.upkeep.ping()
    await store.upkeep.close()
    const refused = { name: 'ProblemError', code: 'unavailable' }
    await assert.rejects(store.upkeep.ping(), refused)
    await assert.rejects(fixture.logIn(), refused)
    await assert.rejects(store.registry.setup(), refused)
    await store.upkeep.close() // twice does no harm
  })
}

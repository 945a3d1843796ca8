import assert from 'node:assert/strict'
import type { OutboxEvent } from '../../../src/domain/events.ts'
import { MINUTE } from '../../../src/domain/time.ts'
import { atOnce, type DescribedStore, type StoreFixture } from '../store-fixture.ts'

/** The audit, and the outbox that the product hears from. */
export function promisesOfEvents({ that }: DescribedStore): void {
  const every = { after: undefined, limit: 100, kind: undefined, userId: undefined }
  const claim = ({ store, now }: StoreFixture, limit = 100) => store.events.claim({ now: now(), lapse: MINUTE, limit })
  const deliver = ({ store, now }: StoreFixture, events: OutboxEvent[]) =>
    store.events.delivered({ now: now(), seqs: events.map(({ seq }) => seq) })
  /** So many rows of the outbox, in order: one for each new user. */
  const users = async (fixture: StoreFixture, times: number): Promise<string[]> => {
    const ids: string[] = []
    for (let index = 0; index < times; index++) ids.push((await fixture.logIn({ openid: `o_${index}` })).user.id)
    return ids
  }

  that('every field of an audit event comes back as it went in', async (fixture) => {
    const act = { actor: 'operator', requestId: 'req_🐅', now: 8_000_000_000_000 }
    const detail = { key: "老虎 '🐅' \"\\", ended: 42 }
    await fixture.store.events.record({
      act,
      entry: {
        kind: 'cloud_key_revoked',
        outcome: 'refused',
        userId: 'usr_1',
        appId: 'wx_1',
        sessionId: 'ses_1',
        detail,
      },
    })
    const [event] = await fixture.store.events.list({ ...every, limit: 1 })
    assert.deepEqual(event, {
      seq: event?.seq,
      at: act.now,
      kind: 'cloud_key_revoked',
      actor: 'operator',
      userId: 'usr_1',
      appId: 'wx_1',
      sessionId: 'ses_1',
      outcome: 'refused',
      requestId: 'req_🐅',
      detail,
    })
  })

  that('what an audit event leaves out stays out', async (fixture) => {
    await fixture.store.events.record({ act: fixture.act(), entry: { kind: 'backup_made', outcome: 'ok' } })
    const [event] = await fixture.store.events.list({ ...every, limit: 1 })
    assert.deepEqual(
      [event?.userId, event?.appId, event?.sessionId, event?.detail],
      [undefined, undefined, undefined, {}],
    )
  })

  that('audit events are listed newest first, by kind, by user, or by both', async (fixture) => {
    const mei = await fixture.logIn()
    const bo = await fixture.logIn({ openid: 'o_bo' })
    await fixture.store.users.block({ act: fixture.act(), userId: mei.user.id })
    const kinds = async (asked: object) =>
      (await fixture.store.events.list({ ...every, ...asked })).map(({ kind }) => kind)
    assert.deepEqual(await kinds({ limit: 2 }), ['user_blocked', 'login'])
    assert.deepEqual(await kinds({ kind: 'login' }), ['login', 'login'])
    assert.deepEqual(await kinds({ userId: mei.user.id }), ['user_blocked', 'login'])
    assert.deepEqual(await kinds({ userId: mei.user.id, kind: 'login' }), ['login'])
    assert.deepEqual(await kinds({ userId: bo.user.id, kind: 'user_blocked' }), [])
  })

  that('pages of audit events are not shifted by newer ones', async (fixture) => {
    await fixture.logIn()
    for (let index = 0; index < 6; index++) await fixture.logIn()
    const first = await fixture.store.events.list({ ...every, kind: 'login', limit: 3 })
    await fixture.logIn()
    const second = await fixture.store.events.list({ ...every, kind: 'login', limit: 9, after: first.at(-1)?.seq })
    const seqs = [...first, ...second].map(({ seq }) => seq)
    assert.equal(new Set(seqs).size, 7)
    assert.deepEqual(
      seqs,
      [...seqs].sort((one, other) => other - one),
    )
  })

  that('a hundred events recorded at once are all there, each with a number of its own', async (fixture) => {
    const entry = { kind: 'code_replayed', outcome: 'refused' } as const
    await atOnce(100, () => fixture.store.events.record({ act: fixture.act(), entry }))
    const events = await fixture.store.events.list({ ...every, limit: 200, kind: 'code_replayed' })
    assert.equal(new Set(events.map(({ seq }) => seq)).size, 100)
  })

  that('the outbox is handed out oldest first, as many as asked for', async (fixture) => {
    const ids = await users(fixture, 5)
    const claimed = await claim(fixture, 3)
    assert.deepEqual(
      claimed.map(({ userId }) => userId),
      ids.slice(0, 3),
    )
    await deliver(fixture, claimed)
    assert.deepEqual(
      (await claim(fixture, 3)).map(({ userId }) => userId),
      ids.slice(3),
    )
  })

  that('an empty outbox hands out nothing', async (fixture) => {
    assert.deepEqual(await claim(fixture), [])
  })

  that('while one process delivers, no other gets anything, so that order is kept', async (fixture) => {
    await users(fixture, 5)
    assert.equal((await claim(fixture, 2)).length, 2)
    fixture.pass(MINUTE - 1)
    assert.deepEqual(await claim(fixture, 2), [])
  })

  that('what was claimed and not delivered comes again when the claim has lapsed', async (fixture) => {
    await users(fixture, 2)
    const first = await claim(fixture)
    fixture.pass(MINUTE)
    assert.deepEqual(await claim(fixture), first)
  })

  that('what was delivered never comes again; what failed after it does', async (fixture) => {
    await users(fixture, 3)
    const [first, ...rest] = await claim(fixture)
    await deliver(fixture, first ? [first] : [])
    fixture.pass(MINUTE)
    assert.deepEqual(await claim(fixture), rest)
    await deliver(fixture, rest)
    fixture.pass(MINUTE)
    assert.deepEqual(await claim(fixture), [])
  })

  that('of ten processes that claim at once one gets everything', async (fixture) => {
    await users(fixture, 5)
    const claims = await atOnce(10, () => claim(fixture))
    assert.deepEqual(claims.map(({ length }) => length).sort(), [0, 0, 0, 0, 0, 0, 0, 0, 0, 5])
  })
}

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { OutboxEvent } from '../domain/events.ts'
import { MINUTE } from '../domain/time.ts'
import { atOnce, newPlace, type Open, type Place } from './under-test.conformance.ts'

/** The audit, and the outbox that the product hears from. */
export function eventsConformance(name: string, openStore: Open): void {
  const that = (sentence: string, work: (place: Place) => Promise<void>): void => {
    test(`${name}: ${sentence}`, async (t: TestContext) => work(await newPlace(t, openStore)))
  }
  const every = { after: undefined, limit: 100, kind: undefined, userId: undefined }
  const claim = ({ store, now }: Place, limit = 100) => store.events.claim({ now: now(), lapse: MINUTE, limit })
  const deliver = ({ store, now }: Place, events: OutboxEvent[]) =>
    store.events.delivered({ now: now(), seqs: events.map(({ seq }) => seq) })
  /** So many rows of the outbox, in order: one for each new user. */
  const users = async (place: Place, times: number): Promise<string[]> => {
    const ids: string[] = []
    for (let index = 0; index < times; index++) ids.push((await place.logIn({ openid: `o_${index}` })).user.id)
    return ids
  }

  that('every field of an audit event comes back as it went in', async (place) => {
    const act = { actor: 'operator', requestId: 'req_🐅', now: 8_000_000_000_000 }
    const detail = { purpose: "老虎 '🐅' \"\\", key: 42, algorithm: '' }
    await place.store.events.record({
      act,
      entry: { kind: 'key_made', outcome: 'refused', userId: 'usr_1', appId: 'wx_1', sessionId: 'ses_1', detail },
    })
    const [event] = await place.store.events.list({ ...every, limit: 1 })
    assert.deepEqual(event, {
      seq: event?.seq,
      at: act.now,
      kind: 'key_made',
      actor: 'operator',
      userId: 'usr_1',
      appId: 'wx_1',
      sessionId: 'ses_1',
      outcome: 'refused',
      requestId: 'req_🐅',
      detail,
    })
  })

  that('what an audit event leaves out stays out', async (place) => {
    await place.store.events.record({ act: place.act(), entry: { kind: 'backup_made', outcome: 'ok' } })
    const [event] = await place.store.events.list({ ...every, limit: 1 })
    assert.deepEqual(
      [event?.userId, event?.appId, event?.sessionId, event?.detail],
      [undefined, undefined, undefined, {}],
    )
  })

  that('audit events are listed newest first, by kind, by user, or by both', async (place) => {
    const mei = await place.logIn()
    const bo = await place.logIn({ openid: 'o_bo' })
    await place.store.users.block({ act: place.act(), userId: mei.user.id })
    const kinds = async (asked: object) =>
      (await place.store.events.list({ ...every, ...asked })).map(({ kind }) => kind)
    assert.deepEqual(await kinds({ limit: 2 }), ['user_blocked', 'login'])
    assert.deepEqual(await kinds({ kind: 'login' }), ['login', 'login'])
    assert.deepEqual(await kinds({ userId: mei.user.id }), ['user_blocked', 'login'])
    assert.deepEqual(await kinds({ userId: mei.user.id, kind: 'login' }), ['login'])
    assert.deepEqual(await kinds({ userId: bo.user.id, kind: 'user_blocked' }), [])
  })

  that('pages of audit events are not shifted by newer ones', async (place) => {
    await place.logIn()
    for (let index = 0; index < 6; index++) await place.logIn()
    const first = await place.store.events.list({ ...every, kind: 'login', limit: 3 })
    await place.logIn()
    const second = await place.store.events.list({ ...every, kind: 'login', limit: 9, after: first.at(-1)?.seq })
    const seqs = [...first, ...second].map(({ seq }) => seq)
    assert.equal(new Set(seqs).size, 7)
    assert.deepEqual(
      seqs,
      [...seqs].sort((one, other) => other - one),
    )
  })

  that('a hundred events recorded at once are all there, each with a number of its own', async (place) => {
    const entry = { kind: 'code_replayed', outcome: 'refused' } as const
    await atOnce(100, () => place.store.events.record({ act: place.act(), entry }))
    const events = await place.store.events.list({ ...every, limit: 200, kind: 'code_replayed' })
    assert.equal(new Set(events.map(({ seq }) => seq)).size, 100)
  })

  that('the outbox is handed out oldest first, as many as asked for', async (place) => {
    const ids = await users(place, 5)
    const claimed = await claim(place, 3)
    assert.deepEqual(
      claimed.map(({ userId }) => userId),
      ids.slice(0, 3),
    )
    await deliver(place, claimed)
    assert.deepEqual(
      (await claim(place, 3)).map(({ userId }) => userId),
      ids.slice(3),
    )
  })

  that('an empty outbox hands out nothing', async (place) => {
    assert.deepEqual(await claim(place), [])
  })

  that('while one process delivers, no other gets anything, so that order is kept', async (place) => {
    await users(place, 5)
    assert.equal((await claim(place, 2)).length, 2)
    place.pass(MINUTE - 1)
    assert.deepEqual(await claim(place, 2), [])
  })

  that('what was claimed and not delivered comes again when the claim has lapsed', async (place) => {
    await users(place, 2)
    const first = await claim(place)
    place.pass(MINUTE)
    assert.deepEqual(await claim(place), first)
  })

  that('what was delivered never comes again; what failed after it does', async (place) => {
    await users(place, 3)
    const [first, ...rest] = await claim(place)
    await deliver(place, first ? [first] : [])
    place.pass(MINUTE)
    assert.deepEqual(await claim(place), rest)
    await deliver(place, rest)
    place.pass(MINUTE)
    assert.deepEqual(await claim(place), [])
  })

  that('of ten processes that claim at once one gets everything', async (place) => {
    await users(place, 5)
    const claims = await atOnce(10, () => claim(place))
    assert.deepEqual(claims.map(({ length }) => length).sort(), [0, 0, 0, 0, 0, 0, 0, 0, 0, 5])
  })

  that('processes that claim and deliver while people come lose nothing and repeat nothing', async (place) => {
    const heard: string[] = []
    let isOver = false
    const listeners = atOnce(3, async () => {
      while (!isOver || (await place.count('outbox WHERE delivered_at IS NULL')) > 0) {
        const claimed = await claim(place, 4)
        heard.push(...claimed.map(({ userId }) => userId))
        await deliver(place, claimed)
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
    const logins = await atOnce(40, (index) => place.logIn({ openid: `o_${index}` }))
    isOver = true
    await listeners
    assert.deepEqual(heard.toSorted(), logins.map(({ user }) => user.id).toSorted())
  })
}

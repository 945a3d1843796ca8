import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIFETIMES } from '../src/domain/session.ts'
import { deliverEvents } from '../src/usecases/deliver-events.ts'
import { sweep as sweepSlices } from '../src/usecases/sweep.ts'
import { club, shop } from './fixture/apps.ts'
import { outcomeOf } from './fixture/reply.ts'
import { newServer, type TestServer } from './fixture/server.ts'
import { DAY, MINUTE } from './fixture/time.ts'

const sweep = ({ store, clock }: TestServer) =>
  sweepSlices({ upkeep: store.upkeep, clock, lifetimes: LIFETIMES }, { slices: 10 })
const sealedKeys = (server: TestServer) =>
  server.rows('SELECT 1 FROM identities WHERE session_key_sealed IS NOT NULL').length

test('a sweep forgets login codes after ten minutes, and WeChat is asked about them again', async (t) => {
  const server = await newServer(t)
  const body = { appId: shop.appId, code: server.code(shop, 'mei') }
  await server.post('/v1/login', body)
  server.advance(10 * MINUTE - 1)
  await sweep(server)
  assert.equal(server.count('login_codes'), 1)
  server.advance(1)
  await sweep(server)
  assert.equal(server.count('login_codes'), 0)
  assert.equal(outcomeOf(await server.post('/v1/login', body)), '401 code_invalid')
})

test('T01 a sweep erases a session_key after three days, and keeps the identity', async (t) => {
  const server = await newServer(t)
  const { refreshToken } = await server.logIn(shop, 'mei')
  server.advance(2 * DAY)
  await server.logIn(club, 'mei')
  server.advance(DAY - 1)
  await sweep(server)
  assert.equal(sealedKeys(server), 2)
  server.advance(1)
  await sweep(server)
  assert.equal(sealedKeys(server), 1)
  assert.equal(server.count('identities'), 2)
  await server.refresh(refreshToken)
})

test('a sweep removes sessions that are over, never a live one', async (t) => {
  const server = await newServer(t)
  const live = await server.logIn(shop, 'mei')
  const ended = await server.logIn(shop, 'bo')
  await server.post('/v1/logout', undefined, { token: ended.accessToken })
  server.advance(DAY - 1)
  await sweep(server)
  assert.equal(server.count('sessions'), 2, 'an ended one stays a day, so that a replay of it is known')
  server.advance(1)
  await sweep(server)
  assert.equal(server.count('sessions'), 1)

  let { refreshToken } = live
  for (let day = 1; day < 90; day += 11) {
    ;({ refreshToken } = await server.refresh(refreshToken))
    await sweep(server)
    assert.equal(server.count('sessions'), 1)
    server.advance(11 * DAY)
  }
  await sweep(server)
  assert.equal(server.count('sessions'), 0)
  assert.equal(outcomeOf(await server.post('/v1/refresh', { refreshToken })), '401 token_invalid')
  assert.equal(server.count('users'), 2)
})

test('a sweep over thousands of sessions removes all that are over and none that live', async (t) => {
  const server = await newServer(t)
  for (let n = 0; n < 150; n++) await server.logIn(shop, server.stranger())
  server.advance(31 * DAY)
  for (let n = 0; n < 150; n++) await server.logIn(shop, server.stranger())
  const { upkeep } = server.store
  for (let turn = 0; turn < 40; turn++) await upkeep.sweep({ now: server.clock.now(), lifetimes: LIFETIMES, limit: 17 })
  assert.equal(server.count('sessions'), 150)
  assert.equal(server.count('login_codes'), 150)
  assert.equal(server.rows("SELECT 1 FROM audit_events WHERE kind = 'login'").length, 150)
})

test('the audit keeps logins for thirty days, everything else for a hundred and eighty', async (t) => {
  const server = await newServer(t)
  const { user } = await server.logIn(shop, 'mei')
  await server.admin('POST', `users/${user.id}/block`)
  const kinds = () => server.rows('SELECT DISTINCT kind FROM audit_events').map(({ kind }) => kind)
  server.advance(30 * DAY - 1)
  await sweep(server)
  assert.ok(kinds().includes('login'))
  server.advance(1)
  await sweep(server)
  assert.ok(!kinds().includes('login') && kinds().includes('user_blocked') && kinds().includes('app_added'))
  assert.ok(server.count('outbox') > 0)
  server.advance(150 * DAY)
  await sweep(server)
  assert.deepEqual(kinds(), [])
  assert.equal(server.count('outbox'), 0)
})

test('user events reach onEvent in order, again after a failure, and are not repeated once delivered', async (t) => {
  const server = await newServer(t)
  const mei = await server.logIn(shop, 'mei')
  const bo = await server.logIn(shop, 'bo')
  await server.admin('POST', `users/${bo.user.id}/block`)
  await server.ask('DELETE', '/v1/me', { token: mei.accessToken })
  const { events } = server.store
  const heard: string[] = []
  let broken = true
  const deliver = () =>
    deliverEvents({ events, clock: server.clock }, ({ kind, userId }) => {
      if (kind === 'user.blocked' && broken) throw new TypeError('the listener is broken')
      heard.push(`${kind} ${userId}`)
    })
  const first = await deliver()
  assert.equal(first.delivered, 2)
  assert.match(String(first.failure), /listener is broken/)
  broken = false
  assert.equal((await deliver()).delivered, 0, 'another may still hold them')
  server.advance(MINUTE + 1)
  assert.deepEqual(await deliver(), { delivered: 2, failure: undefined })
  server.advance(MINUTE + 1)
  assert.equal((await deliver()).delivered, 0)
  assert.deepEqual(heard, [
    `user.created ${mei.user.id}`,
    `user.created ${bo.user.id}`,
    `user.blocked ${bo.user.id}`,
    `user.deleted ${mei.user.id}`,
  ])
})

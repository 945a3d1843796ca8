import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIFETIMES } from '../src/domain/session.ts'
import { deliverEvents } from '../src/usecases/deliver-events.ts'
import { sweep as sweepSlices } from '../src/usecases/sweep.ts'
import { club, DAY, MINUTE, newWorld, outcomeOf, shop, type World } from './world.ts'

const sweep = ({ store, clock }: World) =>
  sweepSlices({ upkeep: store.upkeep, clock, lifetimes: LIFETIMES }, { slices: 10 })
const sealedKeys = (world: World) => world.rows('SELECT 1 FROM identities WHERE session_key_sealed IS NOT NULL').length

test('a sweep forgets codes after ten minutes, and WeChat’s word counts again', async (t) => {
  const world = await newWorld(t)
  const body = { appId: shop.appId, code: world.code(shop, 'mei') }
  await world.post('/v1/login', body)
  world.advance(10 * MINUTE - 1)
  await sweep(world)
  assert.equal(world.count('login_codes'), 1)
  world.advance(1)
  await sweep(world)
  assert.equal(world.count('login_codes'), 0)
  assert.equal(outcomeOf(await world.post('/v1/login', body)), '401 code_invalid')
})

test('T01 a sweep forgets a session_key after three days, not the person', async (t) => {
  const world = await newWorld(t)
  const { refreshToken } = await world.logIn(shop, 'mei')
  world.advance(2 * DAY)
  await world.logIn(club, 'mei')
  world.advance(DAY - 1)
  await sweep(world)
  assert.equal(sealedKeys(world), 2)
  world.advance(1)
  await sweep(world)
  assert.equal(sealedKeys(world), 1)
  assert.equal(world.count('identities'), 2)
  await world.refresh(refreshToken)
})

test('a sweep removes sessions that are over, and never a live one', async (t) => {
  const world = await newWorld(t)
  const live = await world.logIn(shop, 'mei')
  const ended = await world.logIn(shop, 'bo')
  await world.post('/v1/logout', undefined, { token: ended.accessToken })
  world.advance(DAY - 1)
  await sweep(world)
  assert.equal(world.count('sessions'), 2, 'an ended one stays a day, so that a replay of it is known')
  world.advance(1)
  await sweep(world)
  assert.equal(world.count('sessions'), 1)

  let { refreshToken } = live
  for (let day = 1; day < 90; day += 11) {
    ;({ refreshToken } = await world.refresh(refreshToken))
    await sweep(world)
    assert.equal(world.count('sessions'), 1)
    world.advance(11 * DAY)
  }
  await sweep(world)
  assert.equal(world.count('sessions'), 0)
  assert.equal(outcomeOf(await world.post('/v1/refresh', { refreshToken })), '401 token_invalid')
  assert.equal(world.count('users'), 2)
})

test('a sweep over thousands of rows takes all that are over and none that live', async (t) => {
  const world = await newWorld(t)
  for (let n = 0; n < 150; n++) await world.logIn(shop, world.stranger())
  world.advance(31 * DAY)
  for (let n = 0; n < 150; n++) await world.logIn(shop, world.stranger())
  const { upkeep } = world.store
  for (let turn = 0; turn < 40; turn++) await upkeep.sweep({ now: world.clock.now(), lifetimes: LIFETIMES, limit: 17 })
  assert.equal(world.count('sessions'), 150)
  assert.equal(world.count('login_codes'), 150)
  assert.equal(world.rows("SELECT 1 FROM audit_events WHERE kind = 'login'").length, 150)
})

test('logins are remembered for thirty days, everything else for a hundred and eighty', async (t) => {
  const world = await newWorld(t)
  const { user } = await world.logIn(shop, 'mei')
  await world.admin('POST', `users/${user.id}/block`)
  const kinds = () => world.rows('SELECT DISTINCT kind FROM audit_events').map(({ kind }) => kind)
  world.advance(30 * DAY - 1)
  await sweep(world)
  assert.ok(kinds().includes('login'))
  world.advance(1)
  await sweep(world)
  assert.ok(!kinds().includes('login') && kinds().includes('user_blocked') && kinds().includes('app_added'))
  assert.ok(world.count('outbox') > 0)
  world.advance(150 * DAY)
  await sweep(world)
  assert.deepEqual(kinds(), [])
  assert.equal(world.count('outbox'), 0)
})

test('the product hears of users in order, again after a failure, and each delivery is the last', async (t) => {
  const world = await newWorld(t)
  const mei = await world.logIn(shop, 'mei')
  const bo = await world.logIn(shop, 'bo')
  await world.admin('POST', `users/${bo.user.id}/block`)
  await world.ask('DELETE', '/v1/me', { token: mei.accessToken })
  const { events } = world.store
  const heard: string[] = []
  let broken = true
  const deliver = () =>
    deliverEvents({ events, clock: world.clock }, ({ kind, userId }) => {
      if (kind === 'user.blocked' && broken) throw new TypeError('the listener is broken')
      heard.push(`${kind} ${userId}`)
    })
  const first = await deliver()
  assert.equal(first.delivered, 2)
  assert.match(String(first.failure), /listener is broken/)
  broken = false
  assert.equal((await deliver()).delivered, 0, 'another may still hold them')
  world.advance(MINUTE + 1)
  assert.deepEqual(await deliver(), { delivered: 2, failure: undefined })
  world.advance(MINUTE + 1)
  assert.equal((await deliver()).delivered, 0)
  assert.deepEqual(heard, [
    `user.created ${mei.user.id}`,
    `user.created ${bo.user.id}`,
    `user.blocked ${bo.user.id}`,
    `user.deleted ${mei.user.id}`,
  ])
})

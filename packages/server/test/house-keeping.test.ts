import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { type TestContext, test } from 'node:test'
import { RETENTION } from '../src/domain/events.ts'
import { LIFETIMES } from '../src/domain/session.ts'
import type { SweepInput } from '../src/ports/upkeep.ts'
import { deliverEvents } from '../src/usecases/deliver-events.ts'
import { sweep as sweepUntilDone } from '../src/usecases/sweep.ts'
import { club, shop } from './fixture/apps.ts'
import { outcomeOf } from './fixture/reply.ts'
import { newServer, type TestServer } from './fixture/server.ts'
import { DAY, MINUTE } from './fixture/time.ts'

const sweep = ({ store, clock }: TestServer) =>
  sweepUntilDone(
    {
      upkeep: store.upkeep,
      clock,
      lifetimes: LIFETIMES,
      retention: RETENTION,
      elapsed: () => 0,
      pause: async () => {},
    },
    () => false,
  )
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
  server.advance(3 * DAY - 1)
  await sweep(server)
  assert.equal(server.count('sessions'), 2, 'an ended one stays three days, so that a replay of it is known')
  server.advance(1)
  await sweep(server)
  assert.equal(server.count('sessions'), 1)

  let { refreshToken } = live
  for (let day = 3; day < 90; day += 11) {
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
  const asked = { now: server.clock.now(), lifetimes: LIFETIMES, retention: RETENTION, limit: 17 }
  for (let turn = 0; turn < 40; turn++) await upkeep.sweep(asked)
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

/** A database in which so many people's logins are over. */
async function oldLogins(t: TestContext, people: number): Promise<TestServer> {
  const server = await newServer(t)
  for (let n = 0; n < people; n++) await server.logIn(shop, server.stranger())
  server.advance(31 * DAY)
  return server
}

for (const [what, took, limits] of [
  ['quick', 1, [100, 200, 400, 800]],
  ['slow', 11, [100, 100, 100, 100]],
  ['sometimes slow', 0, [100, 200, 100, 200]],
] as const) {
  test(`B9 a sweep rests between two slices for as long as the last one took, and those after a ${what} one fit`, async (t) => {
    const server = await oldLogins(t, 350)
    const asked: number[] = []
    const rests: number[] = []
    let time = 0
    const upkeep = {
      ...server.store.upkeep,
      sweep: (input: SweepInput) => {
        asked.push(input.limit)
        time += took || (asked.length % 2 === 0 ? 20 : 1)
        return server.store.upkeep.sweep(input)
      },
    }
    const pause = async (ms: number): Promise<void> => {
      rests.push(ms)
      await server.logIn(shop, server.stranger()) // there is room for a login
    }
    const deps = { upkeep, clock: server.clock, lifetimes: LIFETIMES, retention: RETENTION, elapsed: () => time, pause }
    await sweepUntilDone(deps, () => false)
    assert.deepEqual(asked, limits.slice(0, asked.length))
    assert.ok(asked.length >= 2)
    assert.deepEqual(rests, took ? rests.map(() => took) : [1, 20, 1].slice(0, rests.length))
    assert.equal(server.count('sessions'), rests.length, 'only those that logged in meanwhile')
  })
}

test('B9 a sweep that is told to stop ends with its slice, and the next one goes on', async (t) => {
  const server = await oldLogins(t, 250)
  const { clock, store } = server
  const deps = { upkeep: store.upkeep, clock, lifetimes: LIFETIMES, retention: RETENTION, elapsed: () => 0 }
  const pause = async (): Promise<void> => assert.fail('it rests')
  await sweepUntilDone({ ...deps, pause }, () => true)
  assert.equal(server.count('sessions'), 150)
  await sweepUntilDone({ ...deps, pause: async () => undefined }, () => false)
  assert.equal(server.count('sessions'), 0)
})

test('B9 of more logins than a turn once had slices for, nothing is left behind', async (t) => {
  const server = await newServer(t)
  const { user } = await server.logIn(shop, 'mei')
  const db = new DatabaseSync(server.file)
  const at = server.clock.now()
  db.exec(`
    PRAGMA synchronous = OFF;
    INSERT INTO sessions (id, user_id, app_id, openid, created_at, last_used_at, generation, key_number, salt, rotated_at)
    WITH RECURSIVE many (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM many WHERE i < 25000)
    SELECT printf('ses_00%05d', i), '${user.id}', '${shop.appId}', 'o' || i, ${at}, ${at}, 0, 1, x'00', ${at} FROM many;
    INSERT INTO login_codes (app_id, code_hash, is_new, created_at)
    SELECT app_id, CAST(id AS BLOB), 0, ${at} FROM sessions;
    INSERT INTO audit_events (at, kind, actor, outcome) SELECT ${at}, 'login', 'app', 'ok' FROM sessions`)
  db.close()
  server.advance(30 * DAY)
  await sweep(server)
  assert.deepEqual(['sessions', 'login_codes'].map(server.count), [0, 0])
  assert.equal(server.rows("SELECT 1 FROM audit_events WHERE kind = 'login'").length, 0)
})

test('T01 a blocked person who tries to log in leaves no session_key behind', async (t) => {
  const server = await newServer(t)
  const { user } = await server.logIn(shop, 'mei')
  await server.admin('POST', `users/${user.id}/block`)
  server.advance(3 * DAY)
  await sweep(server)
  assert.equal(sealedKeys(server), 0)
  assert.equal(
    outcomeOf(await server.post('/v1/login', { appId: shop.appId, code: server.code(shop, 'mei') })),
    '403 user_blocked',
  )
  assert.equal(sealedKeys(server), 0)
})

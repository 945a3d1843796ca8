import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoginReply, MySessions, TokenReply } from '@hufu/contract'
import {
  club,
  DAY,
  HOUR,
  MINUTE,
  newWorld,
  outcomeOf,
  problemOf,
  type Reply,
  SECOND,
  shop,
  type World,
} from './world.ts'

const post = (world: World, refreshToken: string): Promise<Reply> => world.post('/v1/refresh', { refreshToken })
const outcome = async (world: World, refreshToken: string) => outcomeOf(await post(world, refreshToken))
const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n))
const reasons = (world: World): unknown[] =>
  world
    .rows("SELECT detail FROM audit_events WHERE kind = 'refresh_reused' ORDER BY seq")
    .map(({ detail }) => JSON.parse(String(detail)).reason)

/** The refresh tokens of one session, one for each generation, the newest last. */
async function generations(world: World, count: number): Promise<string[]> {
  const tokens = [(await world.logIn(shop, 'mei')).refreshToken]
  while (tokens.length < count) {
    world.advance(SECOND)
    tokens.push((await world.refresh(tokens.at(-1) ?? '')).refreshToken)
  }
  return tokens
}

test('T18 each of the last twenty generations, replayed, ends the family and is written down', async (t) => {
  const world = await newWorld(t)
  for (let age = 2; age <= 21; age++) {
    const tokens = await generations(world, 22)
    const newest = tokens.at(-1) ?? ''
    const { accessToken, refreshToken } = await world.refresh(newest)
    const reply = await post(world, tokens.at(-age) ?? '')
    assert.deepEqual(problemOf(reply), {
      type: '/problems/refresh_reused',
      title: 'Refresh token reused',
      status: 401,
      code: 'refresh_reused',
      detail: 'This refresh token was used before, so its session has ended. Log in again.',
    })
    assert.equal(await outcome(world, refreshToken), '401 refresh_reused', 'the thief’s or the owner’s: nobody knows')
    assert.equal(outcomeOf(await world.get('/v1/me', accessToken)), '401 token_invalid')
    assert.equal(reasons(world).length, age - 1, 'one theft, one event')
  }
  assert.deepEqual([...new Set(reasons(world))], ['reused'])
})

test('T18 a theft ends that session only', async (t) => {
  const world = await newWorld(t)
  const tablet = await world.logIn(club, 'mei')
  const tokens = await generations(world, 3)
  assert.equal(await outcome(world, tokens[0] ?? ''), '401 refresh_reused')
  assert.equal((await world.get('/v1/me', tablet.accessToken)).status, 200)
  await world.refresh(tablet.refreshToken)
})

test('T19 a hundred refreshes at once yield one successor, round after round', async (t) => {
  const world = await newWorld(t)
  let { refreshToken } = await world.logIn(shop, 'mei')
  for (let round = 0; round < 20; round++) {
    const replies = await Promise.all(times(100, () => post(world, refreshToken)))
    assert.deepEqual([...new Set(replies.map(outcomeOf))], ['200'])
    const successors = new Set(replies.map(({ body }) => (body as TokenReply).refreshToken))
    assert.equal(successors.size, 1)
    const [next = ''] = successors
    assert.notEqual(next, refreshToken)
    refreshToken = next
    world.advance(SECOND)
  }
  assert.equal(world.count('sessions'), 1)
  assert.deepEqual(reasons(world), [])
})

test('T19 an answer lost on the wire: the same token again, for half a minute, yields the same successor', async (t) => {
  const world = await newWorld(t)
  const { refreshToken } = await world.logIn(shop, 'mei')
  const lost = await world.refresh(refreshToken)
  for (const seconds of [0, 1, 14, 15]) {
    world.advance(seconds * SECOND)
    const again = await world.refresh(refreshToken)
    assert.equal(again.refreshToken, lost.refreshToken)
    assert.notEqual(again.accessToken, lost.accessToken)
  }
  await world.refresh(lost.refreshToken)
})

test('T19 a phone that slept on the answer: its session ends, and the audit says that it was no thief', async (t) => {
  const world = await newWorld(t)
  const { refreshToken } = await world.logIn(shop, 'mei')
  const next = await world.refresh(refreshToken)
  world.advance(30 * SECOND + 1)
  assert.equal(await outcome(world, refreshToken), '401 refresh_reused')
  assert.equal(await outcome(world, next.refreshToken), '401 refresh_reused')
  assert.deepEqual(reasons(world), ['late_retry'])
})

test('T19 once the successor was used, the token before it is a thief’s, even at once', async (t) => {
  const world = await newWorld(t)
  const [grandparent = '', , newest = ''] = await generations(world, 3)
  assert.equal(await outcome(world, grandparent), '401 refresh_reused')
  assert.equal(await outcome(world, newest), '401 refresh_reused')
  assert.deepEqual(reasons(world), ['reused'])
})

test('T19 the answer is lost, and a restart comes between: the retry works all the same', async (t) => {
  const world = await newWorld(t)
  const { refreshToken } = await world.logIn(shop, 'mei')
  const lost = await world.refresh(refreshToken)
  await world.restart()
  assert.equal((await world.refresh(refreshToken)).refreshToken, lost.refreshToken)
})

test('T20 what is dead stays dead through a restart and a clock an hour off, both ways', async (t) => {
  const world = await newWorld(t)
  const [spent = '', , , newest = ''] = await generations(world, 4)
  const loggedOut = await world.logIn(club, 'mei')
  const revoked = await world.logIn(shop, 'bo')
  const slept = await world.logIn(club, 'bo')
  await world.refresh(slept.refreshToken)
  await world.post('/v1/logout', undefined, { token: loggedOut.accessToken })
  await world.admin('POST', `users/${revoked.user.id}/end-sessions`)
  const stolen = await generations(world, 3)
  await post(world, stolen[0] ?? '')
  world.advance(MINUTE)

  const dead = [spent, loggedOut.refreshToken, revoked.refreshToken, slept.refreshToken, ...stolen]
  const deadAccess = [loggedOut, revoked].map(({ accessToken }) => accessToken)
  for (const shift of [0, -HOUR, 2 * HOUR, -HOUR]) {
    world.advance(shift)
    await world.restart()
    for (const token of dead) {
      const refused = await outcome(world, token)
      assert.ok(['401 refresh_reused', '401 token_invalid'].includes(refused), `${shift}: ${refused}`)
    }
    for (const token of deadAccess) assert.notEqual(outcomeOf(await world.get('/v1/me', token)), '200')
  }
  assert.notEqual(await outcome(world, newest), '200', 'its grandparent was presented')
})

test('T20 a clock that steps back does not open the half minute of grace again', async (t) => {
  const world = await newWorld(t)
  const { refreshToken } = await world.logIn(shop, 'mei')
  await world.refresh(refreshToken)
  world.advance(MINUTE - HOUR)
  assert.equal(await outcome(world, refreshToken), '401 refresh_reused')
})

test('T20 a clock that steps back gives no session a longer life', async (t) => {
  const world = await newWorld(t)
  let { refreshToken } = await world.logIn(shop, 'mei')
  world.advance(20 * DAY)
  ;({ refreshToken } = await world.refresh(refreshToken))
  world.advance(-HOUR)
  ;({ refreshToken } = await world.refresh(refreshToken))
  world.advance(30 * DAY + HOUR)
  assert.equal(await outcome(world, refreshToken), '401 token_expired')
  world.advance(-DAY)
  assert.equal(await outcome(world, refreshToken), '401 token_invalid', 'what was found over stays over')
})

test('a login leads to a session that lives, even while the clock is an hour behind', async (t) => {
  const world = await newWorld(t)
  for (let n = 0; n < 10; n++) {
    world.advance(SECOND)
    await world.logIn(shop, 'mei')
  }
  world.advance(-HOUR)
  const login = await world.logIn(shop, 'mei')
  assert.equal((await world.get('/v1/me', login.accessToken)).status, 200)
})

test('a session ends thirty days after its last use', async (t) => {
  const world = await newWorld(t)
  let { refreshToken } = await world.logIn(shop, 'mei')
  world.advance(30 * DAY - 1)
  ;({ refreshToken } = await world.refresh(refreshToken))
  world.advance(30 * DAY)
  assert.deepEqual(problemOf(await post(world, refreshToken)), {
    type: '/problems/token_expired',
    title: 'Token expired',
    status: 401,
    code: 'token_expired',
    detail: 'This session is over. Log in again.',
  })
})

test('a session ends ninety days after its login, however much it was used', async (t) => {
  const world = await newWorld(t)
  let tokens: TokenReply = await world.logIn(shop, 'mei')
  for (let day = 10; day <= 80; day += 10) {
    world.advance(10 * DAY)
    tokens = await world.refresh(tokens.refreshToken)
  }
  world.advance(10 * DAY - 1)
  tokens = await world.refresh(tokens.refreshToken)
  assert.equal((await world.get('/v1/me', tokens.accessToken)).status, 200)
  world.advance(1)
  assert.equal(outcomeOf(await world.get('/v1/me', tokens.accessToken)), '401 token_invalid')
  assert.equal(await outcome(world, tokens.refreshToken), '401 token_expired')
})

test('an access token is good for fifteen minutes and says when only its time is over', async (t) => {
  const world = await newWorld(t)
  const { accessToken } = await world.logIn(shop, 'mei')
  world.advance(15 * MINUTE - SECOND)
  assert.equal((await world.get('/v1/me', accessToken)).status, 200)
  world.advance(SECOND)
  assert.equal(outcomeOf(await world.get('/v1/me', accessToken)), '401 token_expired')
})

test('an eleventh session in one app ends the oldest, and another app has its own ten', async (t) => {
  const world = await newWorld(t)
  const logins: LoginReply[] = []
  for (let n = 0; n < 12; n++) {
    world.advance(SECOND)
    logins.push(await world.logIn(shop, 'mei'))
  }
  const inClub = await world.logIn(club, 'mei')
  const statuses = await Promise.all(
    logins.map(async ({ accessToken }) => (await world.get('/v1/me', accessToken)).status),
  )
  assert.deepEqual(statuses, [401, 401, ...times(10, () => 200)])
  assert.equal(await outcome(world, logins[0]?.refreshToken ?? ''), '401 token_invalid')
  const { items } = (await world.get('/v1/me/sessions', inClub.accessToken)).body as MySessions
  assert.equal(items.length, 11)
})

test('a refresh token of a removed app opens nothing', async (t) => {
  const world = await newWorld(t)
  const { refreshToken, accessToken } = await world.logIn(shop, 'mei')
  await world.ask('DELETE', '/v1/me', { token: accessToken })
  assert.equal((await world.admin('DELETE', `apps/${shop.appId}`)).status, 204)
  assert.equal(await outcome(world, refreshToken), '401 token_invalid')
  assert.equal(outcomeOf(await world.post('/v1/login', { appId: shop.appId, code: 'any' })), '404 app_unknown')
})

test('T20 T22 a body that comes slowly is judged at the time when it is whole, not when it began', async (t) => {
  const world = await newWorld(t)
  const { refreshToken } = await world.logIn(shop, 'mei')
  await world.refresh(refreshToken)
  const text = new TextEncoder().encode(JSON.stringify({ refreshToken }))
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      world.advance(31 * SECOND) // the predecessor's grace ends while its second post is under way
      controller.enqueue(text)
      controller.close()
    },
  })
  const headers = { 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit
  const reply = await world.service.app.fetch(new Request('https://hufu.example/v1/refresh', init))
  assert.equal(reply.status, 401)
  assert.equal(((await reply.json()) as { code: string }).code, 'refresh_reused')
})

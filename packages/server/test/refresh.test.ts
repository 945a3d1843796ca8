import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { EventReply, List, LoginReply, MySessions, TokenReply } from '@hufu/contract'
import { ProblemError } from '../src/domain/problem-error.ts'
import { club, shop } from './fixture/apps.ts'
import { outcomeOf, problemOf, type Reply } from './fixture/reply.ts'
import { newServer, type TestServer } from './fixture/server.ts'
import { DAY, HOUR, MINUTE, SECOND } from './fixture/time.ts'

const post = (server: TestServer, refreshToken: string): Promise<Reply> => server.post('/v1/refresh', { refreshToken })
const outcome = async (server: TestServer, refreshToken: string) => outcomeOf(await post(server, refreshToken))
const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n))
const reasons = (server: TestServer): unknown[] =>
  server
    .rows("SELECT detail FROM audit_events WHERE kind = 'refresh_reused' ORDER BY seq")
    .map(({ detail }) => JSON.parse(String(detail)).reason)

/** The refresh tokens of one session, one for each generation, the newest last. */
async function generations(server: TestServer, count: number): Promise<string[]> {
  const tokens = [(await server.logIn(shop, 'mei')).refreshToken]
  while (tokens.length < count) {
    server.advance(SECOND)
    tokens.push((await server.refresh(tokens.at(-1) ?? '')).refreshToken)
  }
  return tokens
}

test('T18 given any of the last twenty refresh tokens replayed, then the session ends and the audit says so', async (t) => {
  const server = await newServer(t)
  for (let age = 2; age <= 21; age++) {
    const tokens = await generations(server, 22)
    const newest = tokens.at(-1) ?? ''
    const { accessToken, refreshToken } = await server.refresh(newest)
    const reply = await post(server, tokens.at(-age) ?? '')
    assert.deepEqual(problemOf(reply), {
      type: '/problems/refresh_reused',
      title: 'Refresh token reused',
      status: 401,
      code: 'refresh_reused',
      detail: 'This refresh token was used before, so its session has ended. Log in again.',
    })
    assert.equal(await outcome(server, refreshToken), '401 refresh_reused', 'the thief’s or the owner’s: nobody knows')
    assert.equal(outcomeOf(await server.get('/v1/me', accessToken)), '401 token_invalid')
    assert.equal(reasons(server).length, age - 1, 'one theft, one event')
  }
  assert.deepEqual([...new Set(reasons(server))], ['reused'])
})

test('T18 given a replayed refresh token, then only its own session ends', async (t) => {
  const server = await newServer(t)
  const tablet = await server.logIn(club, 'mei')
  const tokens = await generations(server, 3)
  assert.equal(await outcome(server, tokens[0] ?? ''), '401 refresh_reused')
  assert.equal((await server.get('/v1/me', tablet.accessToken)).status, 200)
  await server.refresh(tablet.refreshToken)
})

test('T19 given a hundred refreshes of one token at once, then it has one successor, round after round', async (t) => {
  const server = await newServer(t)
  let { refreshToken } = await server.logIn(shop, 'mei')
  for (let round = 0; round < 20; round++) {
    const replies = await Promise.all(times(100, () => post(server, refreshToken)))
    assert.deepEqual([...new Set(replies.map(outcomeOf))], ['200'])
    const successors = new Set(replies.map(({ body }) => (body as TokenReply).refreshToken))
    assert.equal(successors.size, 1)
    const [next = ''] = successors
    assert.notEqual(next, refreshToken)
    refreshToken = next
    server.advance(SECOND)
  }
  assert.equal(server.count('sessions'), 1)
  assert.deepEqual(reasons(server), [])
})

test('T19 given a lost answer, then the same token yields the same successor for thirty seconds', async (t) => {
  const server = await newServer(t)
  const { refreshToken } = await server.logIn(shop, 'mei')
  const lost = await server.refresh(refreshToken)
  for (const seconds of [0, 1, 14, 15]) {
    server.advance(seconds * SECOND)
    const again = await server.refresh(refreshToken)
    assert.equal(again.refreshToken, lost.refreshToken)
    assert.notEqual(again.accessToken, lost.accessToken)
  }
  await server.refresh(lost.refreshToken)
})

test('T19 given a retry after the grace with the successor unused, then the session ends as late_retry, not as reused', async (t) => {
  const server = await newServer(t)
  const { refreshToken } = await server.logIn(shop, 'mei')
  const next = await server.refresh(refreshToken)
  server.advance(30 * SECOND + 1)
  assert.equal(await outcome(server, refreshToken), '401 refresh_reused')
  assert.equal(await outcome(server, next.refreshToken), '401 refresh_reused')
  assert.deepEqual(reasons(server), ['late_retry'])
})

test('T19 given a successor that was used, then the token before it ends the session, even at once', async (t) => {
  const server = await newServer(t)
  const [grandparent = '', , newest = ''] = await generations(server, 3)
  assert.equal(await outcome(server, grandparent), '401 refresh_reused')
  assert.equal(await outcome(server, newest), '401 refresh_reused')
  assert.deepEqual(reasons(server), ['reused'])
})

test('T19 given a lost answer and a restart of the server, then the retry still works', async (t) => {
  const server = await newServer(t)
  const { refreshToken } = await server.logIn(shop, 'mei')
  const lost = await server.refresh(refreshToken)
  await server.restart()
  assert.equal((await server.refresh(refreshToken)).refreshToken, lost.refreshToken)
})

test('T20 given ended sessions, then they stay ended through a restart and a clock an hour off in either direction', async (t) => {
  const server = await newServer(t)
  const [spent = '', , , newest = ''] = await generations(server, 4)
  const loggedOut = await server.logIn(club, 'mei')
  const revoked = await server.logIn(shop, 'bo')
  const slept = await server.logIn(club, 'bo')
  await server.refresh(slept.refreshToken)
  await server.post('/v1/logout', undefined, { token: loggedOut.accessToken })
  await server.admin('POST', `users/${revoked.user.id}/end-sessions`)
  const stolen = await generations(server, 3)
  await post(server, stolen[0] ?? '')
  server.advance(MINUTE)

  const dead = [spent, loggedOut.refreshToken, revoked.refreshToken, slept.refreshToken, ...stolen]
  const deadAccess = [loggedOut, revoked].map(({ accessToken }) => accessToken)
  for (const shift of [0, -HOUR, 2 * HOUR, -HOUR]) {
    server.advance(shift)
    await server.restart()
    for (const token of dead) {
      const refused = await outcome(server, token)
      assert.ok(['401 refresh_reused', '401 token_invalid'].includes(refused), `${shift}: ${refused}`)
    }
    for (const token of deadAccess) assert.notEqual(outcomeOf(await server.get('/v1/me', token)), '200')
  }
  assert.notEqual(await outcome(server, newest), '200', 'its grandparent was presented')
})

test('T20 given a clock that steps back, then the thirty seconds of grace do not open again', async (t) => {
  const server = await newServer(t)
  const { refreshToken } = await server.logIn(shop, 'mei')
  await server.refresh(refreshToken)
  server.advance(MINUTE - HOUR)
  assert.equal(await outcome(server, refreshToken), '401 refresh_reused')
})

test('T20 given a clock that steps back, then no session lives longer', async (t) => {
  const server = await newServer(t)
  let { refreshToken } = await server.logIn(shop, 'mei')
  server.advance(20 * DAY)
  ;({ refreshToken } = await server.refresh(refreshToken))
  server.advance(-HOUR)
  ;({ refreshToken } = await server.refresh(refreshToken))
  server.advance(30 * DAY + HOUR)
  assert.equal(await outcome(server, refreshToken), '401 token_expired')
  server.advance(-DAY)
  assert.equal(await outcome(server, refreshToken), '401 token_invalid', 'what was found over stays over')
})

test('given a clock an hour behind, then a new login still gets a live session', async (t) => {
  const server = await newServer(t)
  for (let n = 0; n < 10; n++) {
    server.advance(SECOND)
    await server.logIn(shop, 'mei')
  }
  server.advance(-HOUR)
  const login = await server.logIn(shop, 'mei')
  assert.equal((await server.get('/v1/me', login.accessToken)).status, 200)
})

test('a session ends thirty days after its last use', async (t) => {
  const server = await newServer(t)
  let { refreshToken } = await server.logIn(shop, 'mei')
  server.advance(30 * DAY - 1)
  ;({ refreshToken } = await server.refresh(refreshToken))
  server.advance(30 * DAY)
  assert.deepEqual(problemOf(await post(server, refreshToken)), {
    type: '/problems/token_expired',
    title: 'Token expired',
    status: 401,
    code: 'token_expired',
    detail: 'This session is over. Log in again.',
  })
})

test('a session ends ninety days after its login, however much it was used', async (t) => {
  const server = await newServer(t)
  let tokens: TokenReply = await server.logIn(shop, 'mei')
  for (let day = 10; day <= 80; day += 10) {
    server.advance(10 * DAY)
    tokens = await server.refresh(tokens.refreshToken)
  }
  server.advance(10 * DAY - 1)
  tokens = await server.refresh(tokens.refreshToken)
  assert.equal((await server.get('/v1/me', tokens.accessToken)).status, 200)
  server.advance(1)
  assert.equal(outcomeOf(await server.get('/v1/me', tokens.accessToken)), '401 token_invalid')
  assert.equal(await outcome(server, tokens.refreshToken), '401 token_expired')
})

test('an access token works for fifteen minutes, and then is answered token_expired', async (t) => {
  const server = await newServer(t)
  const { accessToken } = await server.logIn(shop, 'mei')
  server.advance(15 * MINUTE - SECOND)
  assert.equal((await server.get('/v1/me', accessToken)).status, 200)
  server.advance(SECOND)
  assert.equal(outcomeOf(await server.get('/v1/me', accessToken)), '401 token_expired')
})

test('given an eleventh session in one app, then the oldest ends, and another app has its own ten', async (t) => {
  const server = await newServer(t)
  const logins: LoginReply[] = []
  for (let n = 0; n < 12; n++) {
    server.advance(SECOND)
    logins.push(await server.logIn(shop, 'mei'))
  }
  const inClub = await server.logIn(club, 'mei')
  const statuses = await Promise.all(
    logins.map(async ({ accessToken }) => (await server.get('/v1/me', accessToken)).status),
  )
  assert.deepEqual(statuses, [401, 401, ...times(10, () => 200)])
  assert.equal(await outcome(server, logins[0]?.refreshToken ?? ''), '401 token_invalid')
  const { items } = (await server.get('/v1/me/sessions', inClub.accessToken)).body as MySessions
  assert.equal(items.length, 11)
})

test('given a removed app, then its refresh tokens are refused', async (t) => {
  const server = await newServer(t)
  const { refreshToken, accessToken } = await server.logIn(shop, 'mei')
  await server.ask('DELETE', '/v1/me', { token: accessToken })
  assert.equal((await server.admin('DELETE', `apps/${shop.appId}`)).status, 204)
  assert.equal(await outcome(server, refreshToken), '401 token_invalid')
  assert.equal(outcomeOf(await server.post('/v1/login', { appId: shop.appId, code: 'any' })), '404 app_unknown')
})

test('T20 T22 a body that comes slowly is judged at the time when it is whole, not when it began', async (t) => {
  const server = await newServer(t)
  const { refreshToken } = await server.logIn(shop, 'mei')
  await server.refresh(refreshToken)
  const text = new TextEncoder().encode(JSON.stringify({ refreshToken }))
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      server.advance(31 * SECOND) // the predecessor's grace ends while its second post is under way
      controller.enqueue(text)
      controller.close()
    },
  })
  const headers = { 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit
  const reply = await server.service.app.fetch(new Request('https://hufu.example/v1/refresh', init))
  assert.equal(reply.status, 401)
  assert.equal(((await reply.json()) as { code: string }).code, 'refresh_reused')
})

/** What operators see of repeated refreshes, oldest first. */
async function repeatsSeen(server: TestServer): Promise<EventReply[]> {
  const { status, body } = await server.admin('GET', 'events?kind=refresh_repeated')
  assert.equal(status, 200)
  return (body as List<EventReply>).items.reverse()
}

test('A6 T18 given a predecessor within its grace, then the audit names the session, the place and the time, once for each place', async (t) => {
  let place = '198.51.100.7'
  const server = await newServer(t, { peerOf: () => place })
  for (const [after, thief] of [
    [0, '203.0.113.9'],
    [12_345, '2001:db8:1:2::99'],
    [30_000, '192.0.2.200'],
  ] as const) {
    place = '198.51.100.7'
    const { refreshToken, user, appId } = await server.logIn(shop, server.stranger())
    const next = await server.refresh(refreshToken)
    const before = await repeatsSeen(server)
    server.advance(after)
    place = thief
    for (let n = 0; n < 20; n++) assert.equal((await server.refresh(refreshToken)).refreshToken, next.refreshToken)
    place = '198.51.100.7'
    await server.refresh(refreshToken)
    const seen = (await repeatsSeen(server)).slice(before.length)
    assert.deepEqual(
      seen.map(({ kind, outcome, userId, appId, sessionId, detail }) => ({
        kind,
        outcome,
        userId,
        appId,
        sessionId,
        detail,
      })),
      [thief.includes(':') ? '2001:db8:1:2::/64' : thief, '198.51.100.7'].map((clientAddress) => ({
        kind: 'refresh_repeated',
        outcome: 'ok',
        userId: user.id,
        appId,
        sessionId: refreshToken.split('.')[0],
        detail: { afterMs: after, clientAddress },
      })),
    )
    assert.equal((await server.refresh(next.refreshToken)).appId, shop.appId, 'nobody is logged out')
  }
})

test('A6 a caller with many addresses cannot fill the audit, and each token is told of anew', async (t) => {
  let place = 0
  const server = await newServer(t, { peerOf: () => `2001:db8:0:${(place++).toString(16)}::1` })
  let { refreshToken } = await server.logIn(shop, 'mei')
  for (let generation = 1; generation <= 3; generation++) {
    const next = await server.refresh(refreshToken)
    for (let n = 0; n < 100; n++) await server.refresh(refreshToken)
    assert.equal((await repeatsSeen(server)).length, generation * 8)
    refreshToken = next.refreshToken
  }
})

test('A6 repeats that were told of already cost no write', async (t) => {
  const server = await newServer(t)
  const { refreshToken } = await server.logIn(shop, 'mei')
  await server.refresh(refreshToken)
  await server.refresh(refreshToken)
  const events = server.count('audit_events')
  const before = readFileSync(`${server.file}-wal`)
  for (let n = 0; n < 50; n++) await server.refresh(refreshToken)
  assert.equal(server.count('audit_events'), events)
  assert.deepEqual(readFileSync(`${server.file}-wal`), before, 'not one page was written')
})

test('A6 given an operator who saw a repeat, then they can end that one session and no other', async (t) => {
  const server = await newServer(t)
  const phone = await server.logIn(shop, 'mei')
  const tablet = await server.logIn(shop, 'mei')
  const next = await server.refresh(phone.refreshToken)
  await server.refresh(phone.refreshToken)
  const [seen] = await repeatsSeen(server)
  assert.ok(seen?.sessionId && seen.userId)
  const end = (body?: object) => server.admin('POST', `users/${seen.userId}/end-sessions`, body)
  const bo = await server.logIn(shop, 'bo')
  for (const sessionId of [bo.refreshToken.split('.')[0], 'ses_00000000000000000000000000', 'ses_1', 'SES']) {
    assert.equal(outcomeOf(await end({ sessionId })), '404 not_found', sessionId)
  }
  assert.equal(outcomeOf(await end({ session: seen.sessionId })), '400 invalid_request')
  assert.deepEqual((await end({ sessionId: seen.sessionId })).body, { ended: 1 })
  assert.equal(outcomeOf(await end({ sessionId: seen.sessionId })), '404 not_found', 'it has ended')
  assert.equal(await outcome(server, next.refreshToken), '401 token_invalid')
  assert.equal((await server.get('/v1/me', tablet.accessToken)).status, 200)
  assert.equal((await server.get('/v1/me', bo.accessToken)).status, 200)
  assert.deepEqual((await end()).body, { ended: 1 })
  assert.equal(outcomeOf(await server.get('/v1/me', tablet.accessToken)), '401 token_invalid')
})

test('A6 given a database that cannot write, then a repeat is told of when it can again', async (t) => {
  let broken = false
  const server = await newServer(t, {
    around: {
      store: (store) => ({
        ...store,
        events: {
          ...store.events,
          record: (input) =>
            broken ? Promise.reject(new ProblemError('unavailable', 'away')) : store.events.record(input),
        },
      }),
    },
  })
  const { refreshToken } = await server.logIn(shop, 'mei')
  const next = await server.refresh(refreshToken)
  broken = true
  for (let n = 0; n < 3; n++) assert.equal(await outcome(server, refreshToken), '503 unavailable')
  broken = false
  assert.equal((await server.refresh(refreshToken)).refreshToken, next.refreshToken)
  assert.equal((await repeatsSeen(server)).length, 1)
})

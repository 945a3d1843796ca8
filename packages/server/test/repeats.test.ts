import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoginReply } from '@hufu/contract'
import { club, loner, shop } from './fixture/apps.ts'
import { outcomeOf, type Reply } from './fixture/reply.ts'
import { newServer, type TestServer } from './fixture/server.ts'
import { MINUTE, SECOND } from './fixture/time.ts'

const NONCE = 'nonce-of-the-first-post'
const OTHER = 'nonce-of-somebody-else'

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n))
const loginOf = (reply: Reply): LoginReply => {
  assert.equal(reply.status, 200, reply.text)
  return reply.body as LoginReply
}
const events = (server: TestServer, kind: string) => server.rows('SELECT * FROM audit_events WHERE kind = ?', kind)

for (const nonce of [undefined, NONCE]) {
  test(`T07 given two hundred posts of one code at once ${nonce ? 'with' : 'without'} a nonce, then there is one call to WeChat and one session`, async (t) => {
    const server = await newServer(t)
    const body = { appId: shop.appId, code: server.code(shop, 'mei'), ...(nonce ? { nonce } : {}) }
    const replies = await Promise.all(times(200, () => server.post('/v1/login', body)))
    const [first, ...repeats] = replies.map(loginOf)
    assert.equal(server.wechat.callCount(), 1)
    assert.equal(server.count('sessions'), 1)
    assert.equal(server.count('users'), 1)
    for (const { accessToken, ...rest } of repeats) {
      const { accessToken: itsOwn, ...same } = first ?? assert.fail()
      assert.deepEqual(rest, same)
      assert.notEqual(accessToken, itsOwn)
    }
  })
}

test('T07 given two hundred posts of one code with different nonces, then one of them gets the session', async (t) => {
  const server = await newServer(t)
  const code = server.code(shop, 'mei')
  const replies = await Promise.all(
    times(200, (n) => server.post('/v1/login', { appId: shop.appId, code, nonce: `${OTHER}-${n}` })),
  )
  assert.deepEqual(Map.groupBy(replies.map(outcomeOf), (one) => one).get('401 code_spent')?.length, 199)
  assert.equal(server.wechat.callCount(), 1)
  assert.equal(server.count('sessions'), 1)
  assert.equal(events(server, 'code_replayed').length, 199)
})

test('T07 given a code repeated without its nonce, then it is refused and audited', async (t) => {
  const server = await newServer(t)
  const code = server.code(shop, 'mei')
  const post = (nonce?: string) => server.post('/v1/login', { appId: shop.appId, code, ...(nonce ? { nonce } : {}) })
  const { user } = loginOf(await post(NONCE))
  for (const nonce of [undefined, OTHER, NONCE.toUpperCase(), `${NONCE}x`]) {
    assert.equal(outcomeOf(await post(nonce)), '401 code_spent', nonce)
  }
  const replayed = events(server, 'code_replayed')
  assert.equal(replayed.length, 4)
  for (const { user_id, app_id, outcome } of replayed) {
    assert.deepEqual([user_id, app_id, outcome], [user.id, shop.appId, 'refused'])
  }
  loginOf(await post(NONCE))
  assert.equal(server.wechat.callCount(), 1)
})

test('T07 a code is answered again for a minute and not longer', async (t) => {
  const server = await newServer(t)
  const body = { appId: shop.appId, code: server.code(shop, 'mei') }
  const first = loginOf(await server.post('/v1/login', body))
  server.advance(MINUTE - 1)
  assert.equal(loginOf(await server.post('/v1/login', body)).refreshToken, first.refreshToken)
  server.advance(1)
  assert.equal(outcomeOf(await server.post('/v1/login', body)), '401 code_spent')
  server.advance(3 * MINUTE)
  assert.equal(outcomeOf(await server.post('/v1/login', body)), '401 code_spent')
  assert.equal(server.wechat.callCount(), 1)
})

const ENDINGS: Record<string, (server: TestServer, login: LoginReply) => Promise<unknown>> = {
  'was refreshed': (server, login) => server.refresh(login.refreshToken),
  'was logged out': (server, login) => server.post('/v1/logout', undefined, { token: login.accessToken }),
  'was blocked with its user': (server, login) => server.admin('POST', `users/${login.user.id}/block`),
  'was ended by an operator': (server, login) => server.admin('POST', `users/${login.user.id}/end-sessions`),
  'was deleted with its user': (server, login) => server.ask('DELETE', '/v1/me', { token: login.accessToken }),
}
for (const [what, end] of Object.entries(ENDINGS)) {
  for (const restart of [false, true]) {
    test(`T07 given a code whose session ${what}, then the code is spent${restart ? ', after a restart too' : ''}`, async (t) => {
      const server = await newServer(t)
      const body = { appId: shop.appId, code: server.code(shop, 'mei') }
      await end(server, loginOf(await server.post('/v1/login', body)))
      if (restart) await server.restart()
      assert.equal(outcomeOf(await server.post('/v1/login', body)), '401 code_spent')
      assert.ok(server.count('sessions') <= 1)
    })
  }
}

test('T07 given a code repeated to another process, then it answers the same and asks for the same nonce', async (t) => {
  const server = await newServer(t)
  const body = { appId: shop.appId, code: server.code(shop, 'mei'), nonce: NONCE }
  const first = loginOf(await server.post('/v1/login', body))
  await server.restart()
  const again = loginOf(await server.post('/v1/login', body))
  assert.equal(again.refreshToken, first.refreshToken)
  assert.deepEqual(again.user, first.user)
  assert.equal(server.wechat.callCount(), 2, 'WeChat says that the code was used, and the database knows by whom')
  await server.restart()
  assert.equal(outcomeOf(await server.post('/v1/login', { ...body, nonce: OTHER })), '401 code_spent')
  await server.restart()
  server.advance(MINUTE)
  assert.equal(outcomeOf(await server.post('/v1/login', body)), '401 code_spent')
  assert.equal(server.count('sessions'), 1)
})

test('T07 given an answer of WeChat that is lost, then the code is spent and the next one works', async (t) => {
  const server = await newServer(t)
  for (const fault of ['drop-after-redeem', 'hang-after-redeem'] as const) {
    const before = server.wechat.callCount()
    const body = { appId: shop.appId, code: server.code(shop, server.stranger()) }
    server.wechat.fault({ fault, times: 1 })
    const lost = await Promise.all(times(50, () => server.post('/v1/login', body)))
    assert.deepEqual([...new Set(lost.map(outcomeOf))], ['401 code_spent'])
    assert.equal(server.wechat.callCount(), before + 1)
    await server.restart()
    assert.equal(outcomeOf(await server.post('/v1/login', body)), '401 code_spent', 'WeChat says so by itself')
  }
  assert.equal(server.count('users'), 0)
  await server.logIn(shop, 'mei')
})

test('T07 given a code that WeChat refuses, then everybody who posted it is refused alike, for one call', async (t) => {
  const server = await newServer(t)
  const replies = await Promise.all(
    times(200, () => server.post('/v1/login', { appId: shop.appId, code: 'nobody-ever-got-this-code' })),
  )
  assert.deepEqual([...new Set(replies.map(outcomeOf))], ['401 code_invalid'])
  assert.equal(server.wechat.callCount(), 1)
})

test('T07 given a failure that did not use the code, then the code still works', async (t) => {
  const server = await newServer(t)
  const body = { appId: shop.appId, code: server.code(shop, 'mei') }
  server.wechat.fault({ fault: 'errcode', errcode: 45011, times: 1 })
  assert.equal(outcomeOf(await server.post('/v1/login', body)), '429 rate_limited')
  loginOf(await server.post('/v1/login', body))
})

test('T07 given a code posted for the wrong app, then it still works for the right one', async (t) => {
  const server = await newServer(t)
  const code = server.code(shop, 'mei')
  loginOf(await server.post('/v1/login', { appId: shop.appId, code }))
  assert.equal(outcomeOf(await server.post('/v1/login', { appId: club.appId, code })), '401 code_invalid')
  loginOf(await server.post('/v1/login', { appId: shop.appId, code }))
})

test('T15 given two hundred first logins of one person in two apps at once, then there is one user', async (t) => {
  const server = await newServer(t)
  for (let round = 0; round < 5; round++) {
    const person = server.stranger()
    const replies = await Promise.all(
      times(200, (n) => {
        const app = n % 2 === 0 ? shop : club
        return server.post('/v1/login', { appId: app.appId, code: server.code(app, person) })
      }),
    )
    const logins = replies.map(loginOf)
    assert.equal(new Set(logins.map(({ user }) => user.id)).size, 1)
    assert.equal(logins.filter(({ user }) => user.isNew).length, 1)
    assert.equal(server.count('users'), round + 1)
    assert.equal(server.count('identities'), 2 * (round + 1))
  }
})

test('T15 given two hundred logins at once that could unify two users of one person, then there is one user', async (t) => {
  const server = await newServer(t)
  for (let round = 0; round < 3; round++) {
    const person = server.stranger()
    server.wechat.bind(loner.appId, null)
    const elder = await server.logIn(loner, person)
    server.advance(SECOND)
    const younger = await server.logIn(shop, person)
    server.wechat.bind(loner.appId, 'owner')
    const replies = await Promise.all(
      times(200, (n) => {
        const app = ([shop, club, loner] as const)[n % 3] ?? shop
        return server.post('/v1/login', { appId: app.appId, code: server.code(app, person) })
      }),
    )
    const last = await server.logIn(shop, person)
    assert.deepEqual([...new Set(replies.map(outcomeOf))], ['200'])
    assert.deepEqual(last.user, { id: elder.user.id, isNew: false, formerIds: [younger.user.id] })
    assert.equal(server.count('unifications'), round + 1)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Client } from '../src/index.ts'
import { codeOf, codeOfFailure, newPhone, newSignedIn } from './phone.ts'

const fiveAtOnce = (client: Client) => Promise.all(['/a', '/b', '/c', '/d', '/e'].map((url) => client.request({ url })))
const statuses = (replies: { statusCode: number }[]) => replies.map((reply) => reply.statusCode)

test('login() resolves to the user with openid and unionid', async () => {
  const phone = await newPhone()
  const client = phone.client()
  assert.equal(client.user(), null)
  const user = await phone.wait(client.login())
  assert.deepEqual({ ...user }, { id: 'usr_mei', formerIds: [], isNew: true, openid: 'o-usr_mei', unionid: null })
  assert.deepEqual(client.user(), user)
})

for (const oldIphone of [false, true]) {
  const engine = oldIphone ? 'an old iPhone' : 'a current phone'

  test(`any number of cold calls make one wx.login and one exchange on ${engine}`, async () => {
    const phone = await newPhone({ oldIphone })
    const client = phone.client()
    const replies = phone.wait(Promise.all([fiveAtOnce(client), client.login(), client.ready(), client.login()]))
    assert.deepEqual(statuses((await replies)[0]), [200, 200, 200, 200, 200])
    assert.equal(phone.fake.count('login'), 1)
    assert.equal(phone.hufu.count('/v1/login'), 1)
    assert.equal(phone.fake.count('request'), 6)
  })

  test(`any number of calls with an expired token make one refresh and no login on ${engine}`, async () => {
    const { phone, client } = await newSignedIn({ oldIphone })
    await phone.time.advance(3600_000)
    assert.deepEqual(statuses(await phone.wait(fiveAtOnce(client))), [200, 200, 200, 200, 200])
    assert.equal(phone.fake.count('login'), 1)
    assert.equal(phone.hufu.count('/v1/refresh'), 1)
    assert.equal(phone.fake.count('request'), 1 + 1 + 5)
  })

  test(`a second call in the same turn joins the login of the first, on ${engine}`, async () => {
    const phone = await newPhone({ oldIphone })
    const client = phone.client()
    const all = Promise.all([client.login(), client.login(), client.request({ url: '/a' })])
    assert.equal(phone.fake.count('login'), 1)
    await phone.wait(all)
    assert.equal(phone.fake.count('login'), 1)
  })
}

test('a token is renewed a minute before it ends, by the next request and not by a timer', async () => {
  const { phone, client } = await newSignedIn({ life: 900 })
  assert.equal(phone.time.waiting, 0)
  await phone.time.advance(830_000)
  await phone.wait(client.request({ url: '/a' }))
  assert.equal(phone.hufu.count('/v1/refresh'), 0)
  await phone.time.advance(11_000)
  await phone.wait(client.request({ url: '/a' }))
  assert.equal(phone.hufu.count('/v1/refresh'), 1)
  assert.deepEqual(
    phone.hufu.seen.filter((request) => request.path === '/a').map((request) => request.answered),
    [200, 200],
  )
})

test('a session survives a restart of the app without any call', async () => {
  const phone = await newPhone()
  await phone.wait(phone.client().login())
  const later = await phone.restart()
  const client = later.client()
  assert.equal(client.user()?.id, 'usr_mei')
  assert.equal(client.user()?.isNew, undefined)
  await later.wait(client.login())
  assert.equal(later.fake.calls.filter((call) => call.api === 'login' || call.api === 'request').length, 0)
})

for (const problem of ['code_invalid', 'code_spent']) {
  test(`given a code answered with ${problem}, then the client asks for one fresh code`, async () => {
    const phone = await newPhone()
    phone.hufu.plan('/v1/login', phone.hufu.problem(401, problem))
    await phone.wait(phone.client().login())
    assert.equal(phone.fake.count('login'), 2)
    assert.equal(phone.hufu.count('/v1/login'), 2)
  })

  test(`given two codes answered with ${problem}, then the login ends for everybody who waits`, async () => {
    const phone = await newPhone()
    phone.hufu.plan('/v1/login', phone.hufu.problem(401, problem))
    phone.hufu.plan('/v1/login', phone.hufu.problem(401, problem))
    const client = phone.client()
    const waiting = [client.login(), client.ready(), client.request({ url: '/a' })]
    const codes = await phone.wait(Promise.all(waiting.map(codeOf)))
    assert.deepEqual(codes, ['code_refused', 'code_refused', 'code_refused'])
    assert.equal(phone.fake.count('login'), 2)
  })
}

test('given a refused refresh, then the client logs in again, once for all requests', async () => {
  const { phone, client } = await newSignedIn()
  phone.hufu.endSessions()
  await phone.time.advance(3600_000)
  assert.deepEqual(statuses(await phone.wait(fiveAtOnce(client))), [200, 200, 200, 200, 200])
  assert.equal(phone.hufu.count('/v1/refresh'), 1)
  assert.equal(phone.fake.count('login'), 2)
  assert.equal(phone.hufu.count('/v1/login'), 2)
})

test('T19 given a refresh whose answer is lost, then it is sent again and keeps the session', async () => {
  const { phone, client } = await newSignedIn()
  await phone.time.advance(3600_000)
  phone.fake.failNext('request', 'lost', { when: (url) => url.endsWith('/v1/refresh') })
  assert.equal((await phone.wait(client.request({ url: '/a' }))).statusCode, 200)
  assert.equal(phone.hufu.count('/v1/refresh'), 2)
  assert.equal(phone.fake.count('login'), 1)
  assert.equal(phone.hufu.liveSessions().length, 1)
})

test('given a login whose answer is lost, then it is sent again with the same code and nonce', async () => {
  const phone = await newPhone()
  phone.fake.failNext('request', 'lost')
  await phone.wait(phone.client().login())
  const [first, second] = phone.hufu.seen
  assert.deepEqual(first?.body, second?.body)
  assert.equal(phone.fake.count('login'), 1)
  assert.equal(phone.hufu.liveSessions().length, 1)
})

test('every login has a nonce of its own, 16 to 64 URL-safe characters', async () => {
  const phone = await newPhone()
  for (let round = 0; round < 20; round += 1) {
    const client = phone.client()
    await phone.wait(client.login())
    await phone.wait(client.logout())
  }
  const nonces = phone.hufu.seen.filter((request) => request.path === '/v1/login').map((request) => request.body.nonce)
  assert.equal(new Set(nonces).size, 20)
  for (const nonce of nonces) assert.match(String(nonce), /^[\w-]{16,64}$/)
})

test('given user_blocked, then nothing more is sent until login() is called', async () => {
  const { phone, client } = await newSignedIn()
  phone.hufu.block('mei')
  await phone.time.advance(3600_000)
  assert.equal(await codeOfFailure(phone, client.request({ url: '/a' })), 'user_blocked')
  assert.equal(client.user(), null)
  const calls = phone.fake.calls.length
  assert.equal(await codeOfFailure(phone, client.request({ url: '/a' })), 'user_blocked')
  assert.equal(await codeOfFailure(phone, client.ready()), 'user_blocked')
  assert.equal(phone.fake.calls.slice(calls).filter((call) => /login|request/.test(call.api)).length, 0)
  phone.hufu.unblock('mei')
  assert.equal((await phone.wait(client.login())).id, 'usr_mei')
})

for (const code of ['snapshot_user', 'risk_refused'] as const) {
  test(`A9 given ${code}, then the error says so and WeChat is not asked again`, async () => {
    const phone = await newPhone()
    phone.hufu.plan('/v1/login', phone.hufu.problem(403, code))
    const client = phone.client()
    assert.equal(await codeOfFailure(phone, client.login()), code)
    assert.equal(await codeOfFailure(phone, client.ready()), code)
    assert.equal(await codeOfFailure(phone, client.request({ url: '/a' })), code)
    assert.equal(phone.fake.count('login'), 1)
  })
}

for (const headerCase of ['lower', 'title', 'upper'] as const) {
  test(`given a Retry-After header in ${headerCase} case, then the server is not asked before`, async () => {
    const phone = await newPhone({ headerCase })
    phone.hufu.plan('/v1/login', { status: 503, headers: { 'Retry-After': '20' }, body: 'busy' })
    const client = phone.client()
    assert.equal(await codeOfFailure(phone, client.login()), 'busy')
    await phone.time.advance(19_000)
    const error = await phone.wait(client.login().catch((reason: { retryAfter: number; code: string }) => reason))
    assert.deepEqual('retryAfter' in error && [error.code, error.retryAfter], ['busy', 20])
    assert.equal(phone.fake.count('request'), 1)
    await phone.time.advance(1_100)
    assert.equal((await phone.wait(client.login())).id, 'usr_mei')
    assert.equal(phone.fake.count('login'), 2)
  })
}

for (const [status, expected] of [
  [401, 'refused'],
  [403, 'refused'],
  [409, 'refused'],
  [429, 'busy'],
  [503, 'busy'],
] as const) {
  test(`a code that this version does not know counts as its status: ${status} is ${expected}`, async () => {
    for (const problem of ['code_of_tomorrow', 'user_of_tomorrow']) {
      const phone = await newPhone()
      phone.hufu.plan('/v1/login', phone.hufu.problem(status, problem))
      assert.equal(await phone.wait(codeOf(phone.client().login())), expected)
      assert.equal(phone.fake.count('login'), 1)
    }
  })
}

for (const trouble of ['busy', 'unreachable'] as const) {
  test(`given a server that is ${trouble}, then requests go on while the old token still works`, async () => {
    const { phone, client } = await newSignedIn({ life: 900 })
    await phone.time.advance(850_000)
    if (trouble === 'busy') phone.hufu.plan('/v1/refresh', phone.hufu.problem(503, 'upstream_busy', { retryAfter: 30 }))
    else phone.fake.failNext('request', 'fail', { times: 2, when: (url) => url.endsWith('/v1/refresh') })
    assert.deepEqual(statuses(await phone.wait(fiveAtOnce(client))), [200, 200, 200, 200, 200])
    assert.equal(phone.fake.count('login'), 1)
  })
}

test('given a token that has expired and no new one, then nothing is sent with it', async () => {
  const { phone, client } = await newSignedIn()
  await phone.time.advance(3600_000)
  phone.fake.failNext('request', 'fail', { times: 2 })
  assert.equal(await codeOfFailure(phone, client.request({ url: '/a' })), 'network')
  assert.equal(phone.hufu.count('/a'), 0)
  assert.equal(client.user()?.id, 'usr_mei')
  assert.equal((await phone.wait(client.request({ url: '/a' }))).statusCode, 200)
})

test('wx.checkSession is never called, as it says nothing about Hufu’s session', async () => {
  const { phone, client } = await newSignedIn()
  await phone.time.advance(3600_000)
  await phone.wait(client.request({ url: '/a' }))
  assert.equal(phone.fake.count('checkSession'), 0)
})

test('a clock set back or forward costs at most a refresh', async () => {
  for (const jump of [-86_400_000, 86_400_000]) {
    const { phone, client } = await newSignedIn()
    phone.time.set(phone.time.now() + jump)
    assert.equal((await phone.wait(client.request({ url: '/a' }))).statusCode, 200)
    await phone.time.advance(3600_000)
    assert.equal((await phone.wait(client.request({ url: '/a' }))).statusCode, 200)
    assert.equal(phone.fake.count('login'), 1)
  }
})

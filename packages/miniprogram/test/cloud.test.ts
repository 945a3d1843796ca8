import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOfFailure, newPhone, type Phone, type PhoneOptions, server, shop } from './phone.ts'

/** A phone whose cloud function and container know the caller, as WeChat makes them. */
async function cloudPhone(options: PhoneOptions = {}): Promise<Phone> {
  const phone: Phone = await newPhone({
    cloud: {
      functions: {
        'hufu-login': (data) => {
          assert.deepEqual(data, {})
          return phone.hufu.enter('mei').body
        },
      },
      container: (request) => {
        assert.deepEqual([request.env, request.service], ['env-1', 'hufu'])
        if (request.path === '/v1/login' && !blocked(phone)) {
          logins.push(JSON.parse(request.body ?? 'null'))
          return phone.hufu.enter('mei')
        }
        const { path, ...rest } = request
        return phone.hufu.respond({ url: `http://container${path}`, ...rest })
      },
    },
    ...options,
  })
  return phone
}
const logins: unknown[] = []
const blocked = (phone: Phone) => phone.hufu.enter('probe').status === 500

test('a client with a cloud function signs in through it, and never calls wx.login', async () => {
  const phone = await cloudPhone()
  const client = phone.client({ cloud: { function: 'hufu-login' } })
  const all = Promise.all([client.login(), client.ready(), client.request({ url: '/a' })])
  const [user, , reply] = await phone.wait(all)
  assert.deepEqual([user.id, user.isNew, user.openid, reply.statusCode], ['usr_mei', true, 'o-usr_mei', 200])
  assert.deepEqual([phone.fake.count('callFunction'), phone.fake.count('login')], [1, 0])
})

test('with a server address the session of a cloud function is renewed there', async () => {
  const phone = await cloudPhone()
  const client = phone.client({ cloud: { function: 'hufu-login' } })
  await phone.wait(client.login())
  await phone.time.advance(3600_000)
  await phone.wait(client.request({ url: '/a' }))
  assert.deepEqual([phone.fake.count('callFunction'), phone.hufu.count('/v1/refresh')], [1, 1])
  await phone.wait(client.logout())
  assert.equal(phone.hufu.liveSessions().length, 0)
})

test('without a server address the cloud function is called again, and only an api can be requested', async () => {
  const phone = await cloudPhone()
  const options = { server: undefined, appId: undefined, cloud: { function: 'hufu-login' } }
  const client = phone.client({ ...options, api: shop })
  await phone.wait(client.login())
  await phone.time.advance(3600_000)
  const all = Promise.all([client.request({ url: '/a' }), client.request({ url: '/b' })])
  assert.deepEqual(
    (await phone.wait(all)).map((reply) => reply.statusCode),
    [200, 200],
  )
  assert.deepEqual([phone.fake.count('callFunction'), phone.fake.count('request')], [2, 2])
  assert.equal(await codeOfFailure(phone, phone.client(options).request({ url: '/a' })), 'config')
  await phone.wait(client.logout())
  assert.equal(await codeOfFailure(phone, client.ready()), 'signed_out')
})

test('a problem handed on by the cloud function becomes the same error as from the server', async () => {
  const cases: [object, string][] = [
    [{ problem: { code: 'user_blocked', status: 403 } }, 'user_blocked'],
    [{ problem: { code: 'assertion_invalid', status: 401 } }, 'refused'],
    [{ problem: { code: 'upstream_busy', status: 503, retryAfter: 3 } }, 'busy'],
    [{ problem: {} }, 'bad_reply'],
    [{ accessToken: 'only' }, 'bad_reply'],
    [{}, 'bad_reply'],
  ]
  for (const [answer, code] of cases) {
    const phone = await newPhone({ cloud: { functions: { 'hufu-login': () => answer } } })
    const client = phone.client({ cloud: { function: 'hufu-login' } })
    assert.equal(await codeOfFailure(phone, client.login()), code)
  }
})

for (const fault of ['fail', 'throw', 'never', 'lost'] as const) {
  test(`given a cloud function that meets "${fault}", then the login ends, and the next one works`, async () => {
    const phone = await cloudPhone()
    const client = phone.client({ cloud: { function: 'hufu-login' } })
    phone.fake.failNext('callFunction', fault)
    assert.equal(await codeOfFailure(phone, client.login()), 'cloud_failed')
    assert.equal((await phone.wait(client.login())).id, 'usr_mei')
  })
}

test('with Cloud Run every call goes through wx.cloud.callContainer, and wx.request is not used', async () => {
  const phone = await cloudPhone()
  const client = phone.client({ server: undefined, cloud: { service: 'hufu', env: 'env-1' } })
  await phone.wait(client.login())
  await phone.time.advance(3600_000)
  assert.equal((await phone.wait(client.request({ url: '/orders', method: 'POST', data: { n: 1 } }))).statusCode, 200)
  phone.hufu.forgetAccess()
  assert.equal((await phone.wait(client.request({ url: '/v1/me', to: 'server' }))).statusCode, 200)
  await phone.wait(client.logout())
  assert.equal(phone.hufu.liveSessions().filter((session) => session.user === 'usr_mei').length, 0)
  assert.deepEqual([phone.fake.count('request'), phone.fake.count('login')], [0, 0])
  assert.deepEqual(logins, [{ appId: 'wx1' }])
})

test('a Cloud Run client sends to the product’s api only what is meant for it', async () => {
  const phone = await cloudPhone()
  const client = phone.client({ server: undefined, api: shop, cloud: { service: 'hufu', env: 'env-1' } })
  await phone.wait(client.request({ url: '/orders' }))
  await phone.wait(client.request({ url: '/v1/me', to: 'server' }))
  assert.equal(phone.fake.count('request', `${shop}/orders`), 1)
  assert.equal(phone.fake.count('callContainer', '/v1/me'), 1)
  assert.equal(await codeOfFailure(phone, client.request({ url: `${server}/v1/me` })), 'foreign_url')
})

test('given a platform without wx.cloud, then the client says so', async () => {
  const phone = await newPhone()
  const { cloud: _, ...wx } = phone.fake.wx
  for (const cloud of [{ function: 'hufu-login' }, { service: 'hufu', env: 'env-1' }]) {
    const client = phone.client({ server: undefined, wx, cloud })
    assert.match(await codeOfFailure(phone, client.login()), /cloud_failed|network/)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Responder, WireRequest } from '@hufu/simulator/wx'
import fc from 'fast-check'
import { codeOfFailure, latch, newPhone, newSignedIn, server, shop } from './phone.ts'

const holdRefusalsOf = (path: string, held: Promise<void>) => async (request: WireRequest, pass: Responder) => {
  const reply = await pass(request)
  if (request.url.endsWith(path) && reply.status === 401) await held
  return reply
}

test('a request carries the token in the Authorization header, and its own options untouched', async () => {
  const phone = await newPhone()
  const client = phone.client()
  const reply = await phone.wait(
    client.request({ url: '/orders', method: 'POST', data: { pears: 3 }, header: { 'X-Trace': '7' } }),
  )
  const sent = phone.hufu.seen.at(-1)
  assert.equal(reply.statusCode, 200)
  assert.match(sent?.authorization ?? '', /^Bearer access-usr_mei-\d+$/)
  assert.deepEqual(sent?.body, { pears: 3 })
  assert.equal(sent?.headers['x-trace'], '7')
})

test('a reply of any status resolves, with header names in lower case', async () => {
  for (const headerCase of ['as-sent', 'title', 'upper'] as const) {
    const phone = await newPhone({ headerCase })
    phone.hufu.plan('/orders', { status: 418, headers: { 'x-TOTAL': '12' }, body: 'teapot' })
    const reply = await phone.wait(phone.client().request({ url: '/orders' }))
    assert.deepEqual([reply.statusCode, reply.data, reply.header['x-total']], [418, 'teapot', '12'])
  }
})

test('a request is retried once after a 401, and no more', async () => {
  const { phone, client } = await newSignedIn()
  for (let times = 0; times < 9; times += 1) phone.hufu.plan('/never', { status: 401, body: 'no' })
  const reply = await phone.wait(client.request({ url: '/never' }))
  assert.deepEqual([reply.statusCode, reply.data], [401, 'no'])
  assert.equal(phone.hufu.count('/never'), 2)
  assert.equal(phone.hufu.count('/v1/refresh'), 1)
})

test('five requests that all meet a 401 share one refresh, and each is sent once more', async () => {
  const { phone, client } = await newSignedIn()
  phone.hufu.forgetAccess()
  const all = Promise.all(['/a', '/b', '/c', '/d', '/e'].map((url) => client.request({ url })))
  assert.deepEqual(
    (await phone.wait(all)).map((reply) => reply.statusCode),
    [200, 200, 200, 200, 200],
  )
  assert.equal(phone.hufu.count('/v1/refresh'), 1)
  assert.equal(phone.fake.count('request'), 1 + 5 + 1 + 5)
})

test('given a late 401 for an older token, then the request is sent again with the present one', async () => {
  const { held, release } = latch()
  const { phone, client } = await newSignedIn({ between: holdRefusalsOf('/late', held) })
  phone.hufu.forgetAccess()
  const late = client.request({ url: '/late' })
  await phone.wait(client.request({ url: '/early' }))
  const refreshes = phone.hufu.count('/v1/refresh')
  release()
  assert.equal((await phone.wait(late)).statusCode, 200)
  assert.equal((await phone.wait(client.request({ url: '/after' }))).statusCode, 200)
  assert.deepEqual([refreshes, phone.hufu.count('/v1/refresh'), phone.fake.count('login')], [1, 1, 1])
  const tokens = phone.hufu.seen.filter((request) => request.answered === 200).map((request) => request.authorization)
  assert.equal(new Set(tokens.filter(Boolean)).size, 1)
})

test('given a 401 and no newer token, then the reply is handed on and not sent again', async () => {
  const { held, release } = latch()
  const { phone, client } = await newSignedIn({ life: 900, between: holdRefusalsOf('/late', held) })
  await phone.time.advance(839_900)
  phone.hufu.plan('/late', { status: 401, body: 'no' })
  const late = client.request({ url: '/late' })
  await phone.time.advance(200)
  phone.fake.failNext('request', 'fail', { times: 2, when: (url) => url.endsWith('/v1/refresh') })
  const early = client.request({ url: '/early' })
  release()
  assert.equal((await phone.wait(late)).statusCode, 401)
  assert.equal((await phone.wait(early)).statusCode, 200)
  assert.equal(phone.hufu.count('/late'), 1)
})

test('given another person who signed in meanwhile, then a request is not sent again as them', async () => {
  const { held, release } = latch()
  const { phone, client } = await newSignedIn({ between: holdRefusalsOf('/late', held) })
  phone.hufu.forgetAccess()
  const late = client.request({ url: '/late' })
  await phone.time.advance(200)
  await phone.wait(client.logout())
  phone.fake.handTo('lin')
  await phone.wait(client.login())
  release()
  assert.equal((await phone.wait(late)).statusCode, 401)
  assert.equal(client.user()?.id, 'usr_lin')
  assert.equal(phone.hufu.count('/late'), 1)
})

test('given users that were unified meanwhile, then a request is sent again', async () => {
  const { phone, client } = await newSignedIn()
  phone.hufu.endSessions()
  phone.fake.handTo('elder')
  phone.hufu.unify('usr_elder', ['usr_mei'])
  assert.equal((await phone.wait(client.request({ url: '/a' }))).statusCode, 200)
  assert.deepEqual([client.user()?.id, client.user()?.formerIds.join()], ['usr_elder', 'usr_mei'])
})

test('relative addresses go to the api, or to the server when asked', async () => {
  const phone = await newPhone()
  const client = phone.client({ api: `${shop}/v2/` })
  const urls = async (options: object) => {
    await phone.wait(client.request({ url: '/x', ...options }))
    return phone.fake.calls.filter((call) => call.api === 'request').at(-1)?.subject
  }
  assert.equal(await urls({ url: '/orders?page=2' }), `${shop}/v2/orders?page=2`)
  assert.equal(await urls({ url: 'orders' }), `${shop}/v2/orders`)
  assert.equal(await urls({ url: '/v1/me', to: 'server' }), `${server}/v1/me`)
  assert.equal(await urls({ url: `${server}/v1/me` }), `${server}/v1/me`)
  assert.equal(await urls({ url: `${shop}/v2/orders` }), `${shop}/v2/orders`)
})

test('T09 an address outside the configured origins is refused, and nothing is sent', async () => {
  const phone = await newPhone()
  const client = phone.client({ api: `${shop}/v2` })
  await phone.wait(client.login())
  const before = phone.fake.count('request')
  const foreign = [
    'https://evil.example/',
    'http://hufu.example/v1/me',
    `${server}.evil.example/`,
    `${server}@evil.example/`,
    `${server}:8443/`,
    `${server}`,
    `${shop}/v1/orders`,
    'HTTPS://EVIL.EXAMPLE/',
    'ftp://hufu.example/',
    'javascript:alert(1)',
  ]
  for (const url of foreign) assert.equal(await codeOfFailure(phone, client.request({ url })), 'foreign_url', url)
  assert.equal(phone.fake.count('request'), before)
})

test('T09 whatever the url says, the token leaves only for the configured origins, and only in its header', async () => {
  const pieces = fc.constantFrom(
    '/',
    '//',
    '\\',
    '@',
    ':',
    '?',
    '#',
    '.',
    '..',
    ' ',
    'https:',
    'http://',
    'evil.example',
    'a',
  )
  const url = fc.oneof(
    fc.array(pieces, { maxLength: 8 }).map((all) => all.join('')),
    fc.webUrl(),
    fc.string(),
  )
  const phone = await newPhone()
  const client = phone.client({ api: shop })
  await phone.wait(client.login())
  await fc.assert(
    fc.asyncProperty(url, async (text) => {
      const before = phone.fake.calls.length
      await phone.wait(client.request({ url: text }).catch(() => {}))
      for (const call of phone.fake.calls.slice(before)) {
        if (call.api !== 'request') continue
        assert.ok([server, shop].includes(new URL(call.subject).origin), call.subject)
        assert.ok(!call.subject.includes('access-'))
      }
    }),
    { numRuns: 300 },
  )
  for (const { headers, body } of phone.hufu.seen) {
    const { authorization, ...others } = headers
    assert.ok(!JSON.stringify([others, body]).includes('access-'), 'a token outside the Authorization header')
    assert.ok(authorization === undefined || authorization.startsWith('Bearer access-'))
  }
})

test('T09 launch parameters change neither the address nor the token', async () => {
  const names = [
    'token',
    'accessToken',
    'refreshToken',
    'openid',
    'unionid',
    'userId',
    'code',
    'session',
    'person',
    'server',
  ]
  const bag = fc.dictionary(fc.constantFrom(...names), fc.string())
  const launch = fc.record({
    path: fc.string(),
    query: bag,
    scene: fc.nat(),
    referrerInfo: fc.record({ extraData: bag }),
  })
  await fc.assert(
    fc.asyncProperty(launch, async (given) => {
      const phone = await newPhone({ launch: given })
      const plain = await newPhone()
      for (const each of [phone, plain]) {
        await each.wait(each.client().request({ url: '/a' }))
        for (const seen of each.hufu.seen) delete seen.body.nonce
      }
      assert.deepEqual(phone.hufu.seen, plain.hufu.seen)
      assert.deepEqual([...phone.fake.storage], [...plain.fake.storage])
    }),
    { numRuns: 25 },
  )
  const phone = await newPhone()
  const unread = () => assert.fail('launch parameters were read')
  const wx = { ...phone.fake.wx, getLaunchOptionsSync: unread, getEnterOptionsSync: unread }
  await phone.wait(phone.client({ wx }).request({ url: '/a' }))
})

test('T03 a login sends only the app, the code and the nonce', async () => {
  const phone = await newPhone()
  await phone.wait(phone.client().login())
  assert.deepEqual(Object.keys(phone.hufu.seen[0]?.body ?? {}).sort(), ['appId', 'code', 'nonce'])
})

test('own headers are added to every request, and cannot replace the token', async () => {
  const phone = await newPhone()
  const sent: Record<string, string>[] = []
  const request: typeof phone.fake.wx.request = (options) => {
    if (options.url.endsWith('/a')) sent.push({ ...options.header } as Record<string, string>)
    return phone.fake.wx.request(options)
  }
  const wx = { ...phone.fake.wx, request }
  const asked: string[] = []
  const headers = ({ url }: { url: string }) => {
    asked.push(url)
    return { 'X-Version': '1.2', 'X-App': 'shop', AUTHORIZATION: 'Bearer forged' }
  }
  const header = { authorization: 'Bearer forged too', 'X-Version': '1.3' }
  await phone.wait(phone.client({ wx, headers }).request({ url: '/a', header }))
  const { Authorization, ...others } = sent[0] ?? {}
  assert.match(Authorization ?? '', /^Bearer access-/)
  assert.deepEqual([asked, others], [['/a'], { 'X-Version': '1.3', 'X-App': 'shop' }])
  assert.deepEqual(header, { authorization: 'Bearer forged too', 'X-Version': '1.3' })
  await phone.wait(phone.client({ wx, headers: { 'X-Version': '2' } }).request({ url: '/a' }))
  assert.equal(sent[1]?.['X-Version'], '2')
})

test('given a headers function that throws, then the request is rejected', async () => {
  const phone = await newPhone()
  const headers = () => {
    throw new Error('of the app')
  }
  await assert.rejects(phone.wait(phone.client({ headers }).request({ url: '/a' })), /of the app/)
})

test('no header of ours begins with x-wx-, so the WeChat gateway may stand between', async () => {
  const phone = await newPhone({ gateway: true })
  const client = phone.client()
  assert.equal((await phone.wait(client.request({ url: '/a' }))).statusCode, 200)
  for (const { headers } of phone.hufu.seen) assert.ok(!Object.keys(headers).some((name) => name.startsWith('x-wx-')))
})

test('onTask gives the request task, and an abort ends the request', async () => {
  const { phone, client } = await newSignedIn()
  const request = client.request({ url: '/a', onTask: (task) => (task as { abort(): void }).abort() })
  assert.equal(await codeOfFailure(phone, request), 'network')
  assert.equal(phone.hufu.count('/a'), 0)
})

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { listen, peerOf } from '../src/runtime/listen.ts'
import { shop } from './fixture/apps.ts'
import { rawExchange } from './fixture/raw-http.ts'
import { outcomeOf, problemOf } from './fixture/reply.ts'
import { newServer, type ServerOptions, type TestServer } from './fixture/server.ts'
import { MINUTE, SECOND } from './fixture/time.ts'

/** A server whose listener says that every request comes from this peer. */
const from = (t: TestContext, peer: string, settings: ServerOptions['settings'] = {}): Promise<TestServer> =>
  newServer(t, { peerOf: () => peer, settings: { HUFU_LOGIN_LIMIT: '10', ...settings } })

const junk = (server: TestServer, forwardedFor?: string) =>
  server.post(
    '/v1/login',
    { appId: shop.appId, code: 'x' },
    forwardedFor ? { headers: { 'x-forwarded-for': forwardedFor } } : {},
  )

async function outcomes(count: number, ask: (n: number) => ReturnType<typeof junk>): Promise<Record<string, number>> {
  const found: Record<string, number> = {}
  for (let n = 0; n < count; n++) {
    const outcome = outcomeOf(await ask(n))
    found[outcome] = (found[outcome] ?? 0) + 1
  }
  return found
}

test('T30 given an address that logs in too often, then it is answered rate_limited with how long to wait', async (t) => {
  const server = await from(t, '203.0.113.9')
  assert.deepEqual(await outcomes(15, () => junk(server)), { '401 code_invalid': 10, '429 rate_limited': 5 })
  const reply = await junk(server)
  assert.deepEqual(problemOf(reply), {
    type: '/problems/rate_limited',
    title: 'Too many requests',
    status: 429,
    code: 'rate_limited',
    detail: 'Too many logins from here. Wait a little.',
    retryAfter: 6,
  })
  assert.equal(reply.headers.get('retry-after'), '6')
  server.advance(6 * SECOND)
  assert.deepEqual(await outcomes(2, () => junk(server)), { '401 code_invalid': 1, '429 rate_limited': 1 })
  server.advance(MINUTE)
  await server.logIn(shop, 'mei')
})

test('T30 given invented forwarding headers or many addresses of one network, then they share one limit', async (t) => {
  const direct = await from(t, '203.0.113.9')
  const spoofed = await outcomes(50, (n) => junk(direct, `198.51.100.${n}`))
  assert.deepEqual(spoofed, { '401 code_invalid': 10, '429 rate_limited': 40 })

  const behind = await from(t, '10.0.0.1', { HUFU_TRUSTED_PROXIES: '10.0.0.0/8' })
  const pretended = await outcomes(50, (n) => junk(behind, `198.51.100.${n}, 203.0.113.9`))
  assert.deepEqual(pretended, { '401 code_invalid': 10, '429 rate_limited': 40 })
  const subnet = await outcomes(50, (n) => junk(behind, `2001:db8:1:2::${n.toString(16)}`))
  assert.deepEqual(subnet, { '401 code_invalid': 10, '429 rate_limited': 40 })
})

test('T30 behind a trusted proxy each client address has a limit of its own', async (t) => {
  const server = await from(t, '10.0.0.1', { HUFU_TRUSTED_PROXIES: '1' })
  assert.deepEqual(await outcomes(50, (n) => junk(server, `198.51.100.${n}`)), { '401 code_invalid': 50 })
})

for (const [how, names] of [
  ['a port', (n: number) => ({ 'x-forwarded-for': `203.0.113.${n}:${51_000 + n}` })],
  ['IPv6 and a port', (n: number) => ({ 'x-forwarded-for': `[2001:db8:0:${n}::1]:443` })],
  ['Forwarded', (n: number) => ({ forwarded: `for="[2001:db8:0:${n}::1]:443";proto=https` })],
] as const) {
  test(`C4 given a trusted proxy that names clients with ${how}, then each has a limit of its own`, async (t) => {
    const server = await from(t, '10.0.0.1', { HUFU_TRUSTED_PROXIES: '10.0.0.0/8' })
    const ask = (n: number) => server.post('/v1/login', { appId: shop.appId, code: 'x' }, { headers: names(n) })
    assert.deepEqual(await outcomes(50, ask), { '401 code_invalid': 50 })
    assert.deepEqual(await outcomes(12, () => ask(7)), { '401 code_invalid': 9, '429 rate_limited': 3 })
    assert.doesNotMatch(server.printed(), /login_limit_/)
  })
}

test('C4 T30 given a trusted proxy that names nobody, then its clients share ten times the limit and one warning says why', async (t) => {
  for (const said of [undefined, 'unknown', '_hidden', 'client-7']) {
    const server = await from(t, '10.0.0.1', { HUFU_TRUSTED_PROXIES: '1' })
    assert.deepEqual(await outcomes(120, () => junk(server, said)), { '401 code_invalid': 100, '429 rate_limited': 20 })
    assert.equal(server.printed().split('"msg":"login_limit_shared"').length - 1, 1)
  }
})

test('behind a proxy that is not configured no address is limited, and one warning says why', async (t) => {
  const server = await from(t, '10.0.0.1')
  assert.deepEqual(await outcomes(50, () => junk(server, '198.51.100.7')), { '401 code_invalid': 50 })
  assert.equal(server.printed().split('"msg":"login_limit_off"').length - 1, 1)
  assert.match(server.printed(), /HUFU_TRUSTED_PROXIES/)
})

test('HUFU_LOGIN_LIMIT=0 turns the login limit off', async (t) => {
  const server = await from(t, '203.0.113.9', { HUFU_LOGIN_LIMIT: '0' })
  assert.deepEqual(await outcomes(50, () => junk(server)), { '401 code_invalid': 50 })
})

test('T29 given a flood of bad codes from one address, then WeChat is asked no more than the limit and others are served', async (t) => {
  let peer = '203.0.113.9'
  const server = await newServer(t, { peerOf: () => peer, settings: { HUFU_LOGIN_LIMIT: '100' } })
  const flood = await outcomes(2000, (n) => server.post('/v1/login', { appId: shop.appId, code: `junk-${n}` }))
  assert.deepEqual(flood, { '401 code_invalid': 100, '429 rate_limited': 1900 })
  assert.equal(server.wechat.callCount(), 100)
  peer = '198.51.100.4'
  await server.logIn(shop, 'mei')
})

test('T29 given one client that logs in in a loop, then it meets WeChat’s own limit and nobody else does', async (t) => {
  const server = await newServer(t, {
    peerOf: () => '203.0.113.9',
    settings: { HUFU_LOGIN_LIMIT: '0' },
    simulator: { callsPerMinute: 100 },
  })
  const loop = await outcomes(150, () =>
    server.post('/v1/login', { appId: shop.appId, code: server.code(shop, 'mei') }),
  )
  assert.deepEqual(loop, { '200': 100, '429 rate_limited': 50 })
  await server.logIn(shop, 'bo')
})

test('the address of a real connection is the one that is limited', async (t) => {
  const server = await newServer(t, { peerOf, settings: { HUFU_LOGIN_LIMIT: '2', HUFU_TRUSTED_PROXIES: '127.0.0.1' } })
  const { port, close } = await listen(server.service.app.fetch, { host: '127.0.0.1', port: 0 })
  t.after(() => close(0))
  const body = JSON.stringify({ appId: shop.appId, code: 'x' })
  const statuses: (number | undefined)[] = []
  for (const client of ['198.51.100.1', '198.51.100.1', '198.51.100.1', '198.51.100.2']) {
    const head = `POST /v1/login HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nX-Forwarded-For: ${client}\r\n`
    const { replies } = await rawExchange(
      port,
      `${head}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    statuses.push(replies[0]?.status)
  }
  assert.deepEqual(statuses, [401, 401, 429, 401])
})

test('given a forwarding header sent twice, then neither half is taken for the whole', async (t) => {
  const server = await newServer(t)
  const { accessToken } = await server.logIn(shop, 'mei')
  const { port, close } = await listen(server.service.app.fetch, { host: '127.0.0.1', port: 0 })
  t.after(() => close(0))
  const body = JSON.stringify({ appId: shop.appId, code: 'x' })
  const json = 'Content-Type: application/json\r\n'
  const bearer = `Authorization: Bearer ${accessToken}\r\n`
  for (const [line, headers, status] of [
    ['GET /v1/me', bearer, 200],
    ['GET /v1/me', bearer + bearer, 401],
    ['GET /v1/me', `${bearer}Authorization: Basic YTpi\r\n`, 401],
    ['POST /v1/login', json, 401],
    ['POST /v1/login', json + json, 415],
    ['POST /v1/login', `${json}Content-Type: text/plain\r\n`, 415],
  ] as const) {
    const payload = line.startsWith('POST') ? body : ''
    const head = `${line} HTTP/1.1\r\nHost: h\r\n${headers}Connection: close\r\nContent-Length: ${payload.length}\r\n\r\n`
    const { replies, text } = await rawExchange(port, head + payload)
    assert.equal(replies[0]?.status, status, `${line} ${headers.split(':')[0]}: ${text}`)
  }
})

import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type FetchHandler, type LIMITS, listen, peerOf } from '../src/runtime/listen.ts'
import { shop } from './fixture/apps.ts'
import { waitUntil } from './fixture/process.ts'
import { rawExchange, repliesIn } from './fixture/raw-http.ts'
import { newServer } from './fixture/server.ts'

const HEAD = 'Host: hufu.example\r\nContent-Type: application/json\r\n'
const GET = `GET /healthz HTTP/1.1\r\n${HEAD}\r\n`

const SHORT = {
  headersTimeout: 300,
  requestTimeout: 400,
  keepAliveTimeout: 300,
  connectionsCheckingInterval: 50,
  stallTimeout: 300,
  lingerTimeout: 200,
}

/** A server, the sockets that it holds, and the requests that its HTTP parser made for each. */
async function served(t: TestContext, fetch: FetchHandler, limits: Partial<typeof LIMITS> = {}) {
  const { port, close } = await listen(fetch, { host: '127.0.0.1', port: 0 }, limits)
  const held = new Set<Socket>()
  const parsed = new Map<Socket, number>()
  const onSocket = (message: unknown): void => {
    const { socket } = message as { socket: Socket }
    if (socket.localPort !== port) return
    held.add(socket)
    socket.once('close', () => held.delete(socket))
  }
  const onRequest = (message: unknown): void => {
    const { socket } = message as { socket: Socket }
    if (socket.localPort === port) parsed.set(socket, (parsed.get(socket) ?? 0) + 1)
  }
  subscribe('net.server.socket', onSocket)
  subscribe('http.server.request.start', onRequest)
  t.after(async () => {
    unsubscribe('net.server.socket', onSocket)
    unsubscribe('http.server.request.start', onRequest)
    await close(0)
  })
  return { port, held, mostParsed: () => Math.max(0, ...parsed.values()), allParsed: () => sum(parsed.values()) }
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((a, b) => a + b, 0)

/** A client that never closes its side, whatever the server does. */
async function halfOpen(t: TestContext, port: number, bytes: string | Buffer) {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  let text = ''
  socket.on('data', (more) => {
    text += more.toString('latin1')
  })
  socket.on('error', () => {}) // the server may let go of it
  t.after(() => socket.destroy())
  await new Promise((connected) => socket.once('connect', connected))
  socket.write(bytes)
  return { socket, text: () => text, statuses: () => repliesIn(text).map(({ status }) => status) }
}

const LARGE = 1024 * 1024
const BIG = `POST /v1/login HTTP/1.1\r\n${HEAD}Content-Length: ${LARGE}\r\n\r\n${'x'.repeat(LARGE)}`

/** What a client says that then waits for ever, and all that it hears. */
const WAITING: [label: string, bytes: string, statuses: number[]][] = [
  ['no word', '', [408]],
  ['half a header', 'POST /v1/login HTTP/1.1\r\nHost: h', [408]],
  ['half a body', `POST /v1/login HTTP/1.1\r\n${HEAD}Content-Length: 20\r\n\r\n{"a`, [408]],
  ['half a chunk', `POST /v1/login HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\nff\r\n{"a`, [408]],
  ['half a body that nobody wants', `DELETE /v1/login HTTP/1.1\r\n${HEAD}Content-Length: 20\r\n\r\n{"a`, [405]],
  ['no HTTP', 'EHLO hufu.example\r\n', [400]],
  ['two lengths', `POST / HTTP/1.1\r\n${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}`, [400]],
  ['two hosts', `GET /healthz HTTP/1.1\r\nHost: a\r\n${HEAD}\r\n`, [400]],
  ['no host', 'GET /healthz HTTP/1.1\r\n\r\n', [400]],
  ['too much of a header', `GET /healthz HTTP/1.1\r\nX: ${'x'.repeat(17 * 1024)}\r\n`, [431]],
  ['an expectation', `GET /healthz HTTP/1.1\r\n${HEAD}Expect: 200-maybe\r\n\r\n`, [417]],
  ['a whole request', GET, [200]],
  ['a request, and half of one', `${GET}GET /heal`, [200, 408]],
  ['a last request', `GET /healthz HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`, [200]],
]

test('B1 T36 500 clients that never close hear their refusal, and hold no socket of the server', async (t) => {
  const server = await newServer(t, { peerOf, settings: { HUFU_LOGIN_LIMIT: '0' } })
  const { port, held } = await served(t, server.service.app.fetch, SHORT)
  const clients = await Promise.all(
    Array.from({ length: 500 }, async (_, n) => {
      const [label, bytes, expected] = WAITING[n % WAITING.length] ?? assert.fail()
      return { ...(await halfOpen(t, port, bytes)), label, expected }
    }),
  )
  const ready = `GET /readyz HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`
  assert.equal((await rawExchange(port, ready)).replies[0]?.status, 200)
  await waitUntil(() => held.size === 0)
  assert.equal((await rawExchange(port, ready)).replies[0]?.status, 200)
  for (const { label, statuses, expected } of clients) assert.deepEqual(statuses(), expected, label)
})

test('T36 a body that is too large is refused, and the refusal arrives at a client that never closes', async (t) => {
  const server = await newServer(t, { peerOf, settings: { HUFU_LOGIN_LIMIT: '0' } })
  const { port, held } = await served(t, server.service.app.fetch, { lingerTimeout: 200 })
  const chunk = `${LARGE.toString(16)}\r\n${'x'.repeat(LARGE)}\r\n`
  const chunked = `POST /v1/login HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n`
  for (const bytes of [BIG, `${chunked}${chunk}0\r\n\r\n`, `${chunked}${chunk}${chunk}${chunk}0\r\n\r\n${GET}`]) {
    const { statuses } = await halfOpen(t, port, bytes)
    await waitUntil(() => statuses().length > 0 && held.size === 0)
    assert.deepEqual(statuses(), [413])
  }
})

test('B1 T36 a client that takes no answer is let go', async (t) => {
  const { port, held } = await served(t, () => new Response('x'.repeat(512 * 1024)), SHORT)
  for (const [requests, last] of [
    [31, ''],
    [31, 'GET /heal'],
    [40, ''],
    [31, 'no HTTP\r\n\r\n'],
  ] as const) {
    const { socket } = await halfOpen(t, port, '')
    socket.pause()
    socket.write(GET.repeat(requests) + last)
    await waitUntil(() => held.size === 1)
    await waitUntil(() => held.size === 0)
  }
})

test('B1 an answer that takes its time is no silence of the client', async (t) => {
  let give = (): void => {}
  const { port, held } = await served(
    t,
    () =>
      new Promise((done) => {
        give = () => done(new Response('late'))
      }),
    { ...SHORT, stallTimeout: 20 },
  )
  const { text } = await halfOpen(t, port, GET)
  await waitUntil(() => held.size === 1)
  const [socket] = held
  let silences = 0
  socket?.on('timeout', () => {
    silences++
  })
  await waitUntil(() => silences >= 3)
  give()
  await waitUntil(() => text().endsWith('late'))
})

const post = (body: string) => `POST /v1/login HTTP/1.1\r\n${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`
const MANY: [label: string, request: string, status: number][] = [
  ['GETs', GET, 200],
  ['POSTs', post('{"code":"x"}'), 200],
  ['the shortest', 'GET / HTTP/1.1\r\nHost:h\r\n\r\n', 200],
  ['POSTs in chunks', `POST / HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`, 200],
]

for (const [label, request, status] of MANY) {
  test(`B2 T36 of thousands of ${label} sent at once 32 are worked on and answered, then the connection ends`, async (t) => {
    const gates: (() => void)[] = []
    const { port, held, mostParsed } = await served(t, async () => {
      await new Promise<void>((open) => gates.push(open))
      return new Response('done')
    })
    const { statuses } = await halfOpen(t, port, request.repeat(Math.ceil((256 * 1024) / request.length)))
    await waitUntil(() => gates.length >= 32)
    await rawExchange(port, 'x\r\n\r\n') // one turn of everything
    assert.equal(gates.length, 32)
    for (const open of gates) open()
    await waitUntil(() => held.size === 0)
    assert.equal(gates.length, 32)
    assert.equal(mostParsed(), 32, 'the rest is not even parsed')
    assert.deepEqual(statuses(), Array(32).fill(status))
  })
}

const REFUSED: [label: string, request: string, status: number][] = [
  ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['an expectation', 'GET / HTTP/1.1\r\nHost: h\r\nExpect: 200-maybe\r\n\r\n', 417],
  ['two hosts', 'GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n', 400],
]

test('B2 T36 of thousands of requests that the listener itself refuses, few are parsed', async (t) => {
  const { port, held, mostParsed } = await served(t, () => assert.fail(), { lingerTimeout: 200 })
  for (const [label, request, status] of REFUSED) {
    const { statuses } = await halfOpen(t, port, request.repeat(10_000))
    await waitUntil(() => statuses().length > 0 && held.size === 0)
    assert.deepEqual(statuses(), [status], label)
    assert.ok(mostParsed() <= 32, label)
  }
})

test('B2 T36 200 clients with 256 KiB of requests each cost what 32 requests each cost', async (t) => {
  const server = await newServer(t, { peerOf, settings: { HUFU_LOGIN_LIMIT: '0' } })
  let working = 0
  let most = 0
  const fetch: FetchHandler = async (request, env) => {
    most = Math.max(most, ++working)
    try {
      return await server.service.app.fetch(request, env as never)
    } finally {
      working--
    }
  }
  const { port, held, mostParsed, allParsed } = await served(t, fetch, { lingerTimeout: 500 })
  const many = Buffer.from(GET.repeat(Math.ceil((256 * 1024) / GET.length)))
  const clients = await Promise.all(Array.from({ length: 200 }, () => halfOpen(t, port, many)))
  const { replies } = await rawExchange(port, `GET /readyz HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`)
  assert.equal(replies[0]?.status, 200)
  await waitUntil(() => clients.every(({ text }) => text() !== '') && held.size === 0)
  assert.ok(most <= 200 * 32 + 1, `${most} at once`)
  // A client whose first requests are answered before its next arrive may send those, too.
  assert.ok(allParsed() < (200 * many.length) / GET.length / 2, `${allParsed()} parsed`)
  assert.ok(mostParsed() >= 32)
  for (const { statuses } of clients) assert.ok(statuses().every((status) => status === 200))
})

test('B2 T36 a client that breaks off while its answers are due harms nobody', async (t) => {
  const gates: (() => void)[] = []
  const { port, held } = await served(t, async () => {
    await new Promise<void>((open) => gates.push(open))
    return new Response('x'.repeat(64 * 1024))
  })
  for (const leave of [
    (socket: Socket) => socket.resetAndDestroy(),
    (socket: Socket) => socket.destroy(),
    (socket: Socket) => socket.end(),
  ]) {
    gates.length = 0
    const { socket } = await halfOpen(t, port, GET.repeat(2000))
    await waitUntil(() => gates.length === 32)
    leave(socket)
    for (const open of gates) open()
    await waitUntil(() => held.size === 0)
  }
})

const GARBAGE: [label: string, bytes: string, statuses: number[]][] = [
  ['no HTTP', 'EHLO hufu.example\r\n\r\n', [400]],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [400]],
  ['two lengths', `POST / HTTP/1.1\r\n${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}`, [400]],
  ['a bad chunk', `POST /v1/login HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, [400]],
  ['too much of a header', `GET / HTTP/1.1\r\nX: ${'x'.repeat(17 * 1024)}\r\n`, [431]],
  ['half a body', `POST /v1/login HTTP/1.1\r\n${HEAD}Content-Length: 20\r\n\r\n{"a`, [408]],
  ['half a body that nobody wants', `GET /nowhere HTTP/1.1\r\n${HEAD}Content-Length: 20\r\n\r\n{"a`, [404]],
]

test('C21 T36 garbage behind good requests is refused after their answers, and takes none from them', async (t) => {
  const server = await newServer(t, { peerOf, settings: { HUFU_LOGIN_LIMIT: '0' } })
  const { port, held } = await served(t, server.service.app.fetch, SHORT)
  for (const [label, bytes, refusal] of GARBAGE) {
    for (const before of [1, 2, 5]) {
      const logins = Array.from({ length: before }, () =>
        post(JSON.stringify({ appId: shop.appId, code: server.code(shop, 'mei') })),
      )
      const client = await halfOpen(t, port, Buffer.from(logins.join('') + bytes, 'latin1'))
      await waitUntil(() => client.statuses().length > 0 && held.size === 0)
      assert.deepEqual(client.statuses(), [...logins.map(() => 200), ...refusal], label)
      assert.equal(client.text().split('"accessToken":"ey').length - 1, before)
    }
  }
  assert.equal(server.count('users'), 1)
})

test('C21 a good answer arrives also where the client ends its side behind the garbage', async (t) => {
  let give = (): void => {}
  const { port, held } = await served(
    t,
    () =>
      new Promise((done) => {
        give = () => done(new Response('late'))
      }),
  )
  for (const garbage of ['EHLO\r\n\r\n', '\x16\x03\x01', `GET / HTTP/1.1\r\n${HEAD}X : y\r\n\r\n`]) {
    const { socket, statuses } = await halfOpen(t, port, GET + garbage)
    socket.end()
    await waitUntil(() => held.size === 1)
    const [served] = held
    await waitUntil(() => served?.readableEnded === true)
    give()
    await waitUntil(() => held.size === 0)
    assert.deepEqual(statuses(), [200, 400])
  }
})

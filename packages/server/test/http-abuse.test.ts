import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { LIMITS, listen, peerOf } from '../src/runtime/listen.ts'
import { shop } from './fixture/apps.ts'
import { rawConnection, rawExchange, repliesIn } from './fixture/raw-http.ts'
import { newServer, type TestServer } from './fixture/server.ts'

async function served(
  t: TestContext,
  limits: Partial<typeof LIMITS> = {},
): Promise<{ server: TestServer; port: number }> {
  const server = await newServer(t, { peerOf, settings: { HUFU_LOGIN_LIMIT: '0' } })
  const { port, close } = await listen(server.service.app.fetch, { host: '127.0.0.1', port: 0 }, limits)
  t.after(() => close(0))
  return { server, port }
}

const HEAD = 'Host: hufu.example\r\nContent-Type: application/json\r\n'
const LAST = 'Connection: close\r\n'
const get = (path: string) => `GET ${path} HTTP/1.1\r\n${HEAD}${LAST}\r\n`
const post = (path: string, body: string, headers = '') =>
  `POST ${path} HTTP/1.1\r\n${HEAD}${LAST}${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

test('T36 the HTTP limits are those of docs/threats.md', () => {
  assert.deepEqual(LIMITS, {
    maxHeaderSize: 16 * 1024,
    headersTimeout: 10_000,
    requestTimeout: 15_000,
    keepAliveTimeout: 65_000,
    connectionsCheckingInterval: 1_000,
    unanswered: 32,
    stallTimeout: 10_000,
    lingerTimeout: 2_000,
  })
})

test('a login works when its bytes are written to a bare socket', async (t) => {
  const { server, port } = await served(t)
  const body = JSON.stringify({ appId: shop.appId, code: server.code(shop, 'mei') })
  const { replies } = await rawExchange(port, post('/v1/login', body))
  assert.equal(replies[0]?.status, 200)
  assert.match(replies[0]?.body ?? '', /"accessToken":"ey/)
})

const LARGE = 1024 * 1024

/** A client that sends all it has before it reads anything, as many do. */
async function sendAllThenRead(port: number, head: string, pieces: Buffer[]): Promise<string> {
  const { socket, untilClosed } = await rawConnection(port)
  socket.pause()
  for (const piece of [Buffer.from(head), ...pieces]) await new Promise((sent) => socket.write(piece, sent))
  socket.resume()
  return (await untilClosed()).text
}

for (const chunked of [false, true]) {
  test(`T36 a body of a megabyte ${chunked ? 'in chunks' : 'with its length'} is always told that it is too large`, async (t) => {
    const { server, port } = await served(t)
    const length = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${LARGE}`
    for (const path of ['/v1/login', '/v1/refresh', '/v1/logout']) {
      for (const count of [1, 8, 64]) {
        const piece = Buffer.alloc(LARGE / count, 'x')
        const chunk = Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')])
        const pieces = Array.from({ length: count }, () => (chunked ? chunk : piece))
        const end = chunked ? [Buffer.from('0\r\n\r\n')] : []
        const text = await sendAllThenRead(port, `POST ${path} HTTP/1.1\r\n${HEAD}${length}\r\n\r\n`, [
          ...pieces,
          ...end,
        ])
        const [reply, ...more] = repliesIn(text)
        assert.equal(reply?.status, 413, `${path} in ${count}: ${text}`)
        assert.equal(reply.headers.connection, 'close')
        assert.equal(JSON.parse(reply.body).code, 'payload_too_large')
        assert.deepEqual(more, [])
      }
    }
    assert.equal(server.wechat.callCount(), 0)
  })
}

test('T36 given a large body on a route that takes none, then the answer is the same', async (t) => {
  const { port } = await served(t)
  for (const [line, status] of [
    ['POST /nowhere', 404],
    ['PUT /v1/login', 405],
    ['DELETE /v1/me', 401],
    ['GET /v1/me', 401],
  ] as const) {
    const head = `${line} HTTP/1.1\r\n${HEAD}Connection: close\r\nContent-Length: ${LARGE}\r\n\r\n`
    const text = await sendAllThenRead(port, head, [Buffer.alloc(LARGE, 'x')])
    assert.equal(repliesIn(text)[0]?.status, status, line)
  }
})

/** What must not be taken for a request, or not for two. The first status is all that may come back. */
const TRICKS: [what: string, bytes: string, status: number | undefined][] = [
  [
    'a length and chunks',
    `POST /v1/login HTTP/1.1\r\n${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${get('/healthz')}`,
    400,
  ],
  [
    'chunks and a length',
    `POST /v1/login HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${get('/healthz')}`,
    400,
  ],
  [
    'two lengths',
    `POST /v1/login HTTP/1.1\r\n${HEAD}Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}${get('/healthz')}`,
    400,
  ],
  [
    'two equal lengths',
    `POST /v1/login HTTP/1.1\r\n${HEAD}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}${get('/healthz')}`,
    400,
  ],
  ['a list of lengths', `POST /v1/login HTTP/1.1\r\n${HEAD}Content-Length: 2, 2\r\n\r\n{}${get('/healthz')}`, 400],
  ['a negative length', `POST /v1/login HTTP/1.1\r\n${HEAD}Content-Length: -1\r\n\r\n${get('/healthz')}`, 400],
  ['a signed length', `POST /v1/login HTTP/1.1\r\n${HEAD}Content-Length: +2\r\n\r\n{}${get('/healthz')}`, 400],
  ['a length in hexadecimal', `POST /v1/login HTTP/1.1\r\n${HEAD}Content-Length: 0x2\r\n\r\n{}${get('/healthz')}`, 400],
  ['a length beyond numbers', `POST /v1/login HTTP/1.1\r\n${HEAD}Content-Length: 99999999999999999999\r\n\r\n{}`, 400],
  [
    'an encoding nobody knows',
    `POST /v1/login HTTP/1.1\r\n${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${get('/healthz')}`,
    400,
  ],
  [
    'chunked, but not last',
    `POST /v1/login HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${get('/healthz')}`,
    400,
  ],
  [
    'a blank before the colon',
    `POST /v1/login HTTP/1.1\r\n${HEAD}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${get('/healthz')}`,
    400,
  ],
  ['a folded header', `GET /healthz HTTP/1.1\r\n${HEAD}X: a\r\n b\r\n\r\n`, 400],
  ['bare line feeds', 'GET /healthz HTTP/1.1\nHost: hufu.example\n\n', 400],
  ['bare carriage returns', 'GET /healthz HTTP/1.1\rHost: hufu.example\r\r', 400],
  ['a NUL in a header', `GET /healthz HTTP/1.1\r\n${HEAD}X: a\0b\r\n\r\n`, 400],
  ['a NUL in the target', `GET /health\0z HTTP/1.1\r\n${HEAD}\r\n`, 400],
  ['raw UTF-8 in the target', Buffer.from(`GET /微信 HTTP/1.1\r\n${HEAD}\r\n`).toString('latin1'), 400],
  [
    'a chunk size that is no number',
    `POST /v1/login HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
    400,
  ],
  [
    'a chunk size beyond numbers',
    `POST /v1/login HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n0\r\n\r\n`,
    400,
  ],
  [
    '20 KiB of chunk extensions',
    `POST /v1/login HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n2;${'a'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
    400,
  ],
  ['two hosts', 'GET /healthz HTTP/1.1\r\nHost: hufu.example\r\nhOsT: evil.example\r\n\r\n', 400],
  ['no host', 'GET /healthz HTTP/1.1\r\n\r\n', 400],
  ['a host with a blank', `GET /healthz HTTP/1.1\r\nHost: a b\r\n${LAST}\r\n`, 400],
  ['a host that is a URL', `GET /healthz HTTP/1.1\r\nHost: a/b@c?d\r\n${LAST}\r\n`, 400],
  ['no slash', `GET healthz HTTP/1.1\r\n${HEAD}\r\n`, 400],
  ['a target with a blank', `GET /health z HTTP/1.1\r\n${HEAD}\r\n`, 400],
  ['a backslash', `GET /\\healthz HTTP/1.1\r\n${HEAD}${LAST}\r\n`, 400],
  ['the asterisk', `OPTIONS * HTTP/1.1\r\n${HEAD}${LAST}\r\n`, 400],
  ['HTTP/0.9', 'GET /healthz\r\n\r\n', 400],
  ['HTTP/1.2', `GET /healthz HTTP/1.2\r\n${HEAD}\r\n`, 400],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['a made-up method', `BREW /v1/login HTTP/1.1\r\n${HEAD}\r\n`, 400],
  ['a method in small letters', `get /healthz HTTP/1.1\r\n${HEAD}\r\n`, 400],
  ['TRACE', `TRACE /v1/me HTTP/1.1\r\n${HEAD}${LAST}\r\n`, 405],
  ['PURGE', `PURGE /v1/me HTTP/1.1\r\n${HEAD}${LAST}\r\n`, 405],
  ['CONNECT', `CONNECT elsewhere.example:443 HTTP/1.1\r\n${HEAD}\r\n`, undefined],
  ['17 KiB of one header', `GET /healthz HTTP/1.1\r\n${HEAD}X: ${'x'.repeat(17 * 1024)}\r\n\r\n`, 431],
  ['17 KiB of headers', `GET /healthz HTTP/1.1\r\n${HEAD}${'X: y\r\n'.repeat(3000)}\r\n`, 431],
  ['a target of 17 KiB', `GET /${'x'.repeat(17 * 1024)} HTTP/1.1\r\n${HEAD}\r\n`, 431],
  [
    'an expectation nobody can meet',
    `POST /v1/login HTTP/1.1\r\n${HEAD}${LAST}Expect: 200-maybe\r\nContent-Length: 2\r\n\r\n{}`,
    417,
  ],
  ['a compressed body', post('/v1/login', '{}', 'Content-Encoding: gzip\r\n'), 415],
  ['an override of the method', post('/v1/me', '', 'X-HTTP-Method-Override: DELETE\r\n'), 405],
  ['an upgrade', `GET /healthz HTTP/1.1\r\n${HEAD}Connection: upgrade, close\r\nUpgrade: websocket\r\n\r\n`, 200],
  ['a whole URL as target', `GET http://hufu.example/healthz HTTP/1.1\r\n${HEAD}${LAST}\r\n`, 400],
  ['a way up and down', get('/v1/../admin/v1/apps'), 400],
  ['an encoded NUL', get('/v1/me/%00'), 404],
  ['broken percent signs', get('/%zz%E0%A4'), 404],
]

test(`T36 given ${TRICKS.length} malformed or smuggled HTTP requests, then each gets one refusal and no second request is seen`, async (t) => {
  const { server, port } = await served(t)
  for (const [what, bytes, status] of TRICKS) {
    const { text, replies, closed } = await rawExchange(port, Buffer.from(bytes, 'latin1'))
    assert.equal(replies.length, status === undefined ? 0 : 1, `${what}: ${text}`)
    assert.equal(replies[0]?.status, status, `${what}: ${text}`)
    assert.ok(closed, `${what}: the connection must end`)
  }
  assert.equal(server.wechat.callCount(), 0)
  assert.doesNotMatch(server.printed(), /"level":50/)
})

test('T36 several requests on one connection get their answers in order', async (t) => {
  const { port } = await served(t)
  const keep = `GET /healthz HTTP/1.1\r\n${HEAD}\r\n`
  const bad = `POST /v1/login HTTP/1.1\r\n${HEAD}Content-Length: 2\r\n\r\n{}`
  const { replies } = await rawExchange(port, keep + bad + keep + get('/nowhere'))
  assert.deepEqual(
    replies.map(({ status }) => status),
    [200, 400, 200, 404],
  )
})

test('T36 given 150 clients that send slowly, then they are disconnected and others are served', async (t) => {
  const { server, port } = await served(t, {
    headersTimeout: 1500,
    requestTimeout: 2000,
    connectionsCheckingInterval: 100,
  })
  const drips = [
    `POST /v1/login HTTP/1.1\r\nHost: h`,
    `POST /v1/login HTTP/1.1\r\n${HEAD}Content-Length: 20\r\n\r\n{"a`,
    '',
  ]
  const slow = await Promise.all(Array.from({ length: 150 }, () => rawConnection(port)))
  slow.forEach(({ write }, n) => {
    const bytes = drips[n % drips.length]
    if (bytes) write(bytes)
  })
  const body = JSON.stringify({ appId: shop.appId, code: server.code(shop, 'mei') })
  const { replies } = await rawExchange(port, post('/v1/login', body))
  assert.equal(replies[0]?.status, 200)
  const ends = await Promise.all(slow.map(({ untilClosed }) => untilClosed()))
  assert.ok(ends.every(({ closed }) => closed))
  const statuses = new Set(ends.flatMap(({ text }) => repliesIn(text).map(({ status }) => status)))
  assert.deepEqual(
    [...statuses].filter((status) => status !== 408 && status !== 400),
    [],
  )
})

test('T36 given a client that goes away in the middle of its body, then no error is logged', async (t) => {
  const { server, port } = await served(t)
  for (const head of ['Content-Length: 100', 'Transfer-Encoding: chunked']) {
    const { socket, write } = await rawConnection(port)
    write(`POST /v1/login HTTP/1.1\r\n${HEAD}${head}\r\n\r\n5\r\n{"a":`)
    await new Promise((closed) => {
      socket.once('close', closed)
      setImmediate(() => socket.resetAndDestroy())
    })
  }
  assert.equal((await rawExchange(port, get('/healthz'))).replies[0]?.status, 200)
  assert.doesNotMatch(server.printed(), /"level":50/)
})

const word = fc.constantFrom(
  '/v1/login',
  '/v1/refresh',
  '/v1/logout',
  '/v1/me',
  '/v1/me/sessions',
  '/v1/me/sessions/ses_x',
  '/.well-known/jwks.json',
  '/healthz',
  '/readyz',
  '/',
  '/%2e%2e',
  '//',
  '/v1/me?x=1',
  '/v1/login#x',
)
const anyText = fc.string({ unit: fc.constantFrom(...'{}[]":,.0123e-+ntrufals\\/ \'<>&=%;\t'), maxLength: 60 })
const anyBody = fc.oneof(
  anyText,
  fc.json({ maxDepth: 12 }),
  fc.record({ appId: fc.constant(shop.appId), code: fc.string({ maxLength: 40 }) }).map((bag) => JSON.stringify(bag)),
  fc.record({ refreshToken: fc.string({ maxLength: 120 }) }).map((bag) => JSON.stringify(bag)),
  fc.string({ unit: 'binary', maxLength: 60 }),
)
const anyRequest = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'LINK', 'SEARCH'),
    path: word,
    body: anyBody,
    type: fc.constantFrom(
      'application/json',
      'text/plain',
      '',
      'application/json; charset=utf-8',
      'application/json;a=b',
    ),
    authorization: fc.oneof(
      fc.constant(undefined),
      anyText,
      anyText.map((text) => `Bearer ${text}`),
    ),
    origin: fc.constantFrom(undefined, 'https://shop.example', 'null', 'x'),
  })
  .map(({ method, path, body, type, authorization, origin }) => {
    const headers = [
      `${method} ${path} HTTP/1.1`,
      'Host: hufu.example',
      `Content-Type: ${type}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]),
      ...(origin === undefined ? [] : [`Origin: ${origin}`]),
    ]
    return `${headers.join('\r\n')}\r\n\r\n${body}`
  })

const REQUESTS = process.env.HUFU_TEST_DEEP ? 1_000_000 : 4_000

test(`T36 given ${REQUESTS} random requests, then none is answered with 5xx and none hangs`, async (t) => {
  const { server, port } = await served(t)
  const batch = 25 // fewer than may wait for their answers on one connection
  let answered = 0
  await fc.assert(
    fc.asyncProperty(fc.array(anyRequest, { minLength: batch, maxLength: batch }), async (requests) => {
      const { text, replies } = await rawExchange(
        port,
        Buffer.from(requests.join('') + get('/healthz'), 'utf8'),
        60_000,
      )
      answered += replies.length
      assert.doesNotMatch(text, /HTTP\/1\.1 5\d\d/)
      assert.match(text, /^HTTP\/1\.1 [1-4]\d\d /)
    }),
    { numRuns: REQUESTS / batch },
  )
  assert.equal(answered, REQUESTS + REQUESTS / batch, 'each is answered, on the same connection')
  assert.doesNotMatch(server.printed(), /"level":50/)
})

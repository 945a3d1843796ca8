import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { codeToSession, createCall, loginCode, type TransportError, WeChatError } from '@hufu/wechat'
import { goodBody } from '../../../../wechat/test/bad-answers.ts'
import { app, assertNoSecretIn, canary, code } from '../../../../wechat/test/canaries.ts'
import { authority, serverCertificate } from '../../../../wechat/test/certificates.ts'
import { always, answer, type Behaviour, rawServer } from '../../../../wechat/test/raw-server.ts'
import { tlsConformance } from '../../../../wechat/test/tls.conformance.ts'
import { type MakeTransport, transportConformance } from '../../../../wechat/test/transport.conformance.ts'
import { type WeChatTransportOptions, wechatTransport } from './transport.ts'

const name = 'the server’s transport'

function transportTo(t: TestContext, options: WeChatTransportOptions) {
  const transport = wechatTransport(options)
  t.after(() => transport.close())
  return transport
}

const make: MakeTransport = (t, baseUrl, deadline) =>
  transportTo(t, { baseUrl, deadlines: { answer: Math.min(deadline, 3_000), whole: deadline } })

transportConformance(name, make)
tlsConformance(name, make)

const failure = (promise: Promise<unknown>): Promise<TransportError> =>
  promise.then(
    () => assert.fail('no failure'),
    (error: TransportError) => error,
  )

test(`T31 ${name}: the environment cannot switch the certificate check off`, async (t) => {
  const server = await rawServer(t, always(goodBody), serverCertificate({ ip: '127.0.0.1', by: authority('nobody') }))
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  t.after(() => delete process.env.NODE_TLS_REJECT_UNAUTHORIZED)
  const { sent } = await failure(transportTo(t, { baseUrl: server.baseUrl })('/x', {}))
  assert.equal(sent, false)
})

test(`T05 ${name}: it does not start where Node's own debug log would print the AppSecret`, () => {
  const program = `import('${new URL('./transport.ts', import.meta.url)}').then(({ wechatTransport }) => wechatTransport())`
  const env = { ...process.env, NODE_DEBUG: 'undici' }
  const { status, stderr } = spawnSync(process.execPath, ['-C', 'source', '-e', program], { env, encoding: 'utf8' })
  assert.equal(status, 1)
  assert.match(stderr, /NODE_DEBUG prints every URL/)
})

test(`T28 ${name}: a handshake that hangs ends by the deadline for connections, and nothing was sent`, async (t) => {
  const server = await rawServer(t, () => {})
  const baseUrl = server.baseUrl.replace('http:', 'https:')
  const { reason, sent } = await failure(transportTo(t, { baseUrl, deadlines: { connect: 80 } })('/x', {}))
  assert.deepEqual({ reason, sent }, { reason: 'connect_deadline', sent: false })
})

test(`T28 ${name}: the deadline for the answer counts from the request, the whole one from the call`, async (t) => {
  const server = await rawServer(t, () => {})
  const timed = async (deadlines: WeChatTransportOptions['deadlines'] & {}) => {
    const began = performance.now()
    const { reason, sent } = await failure(transportTo(t, { baseUrl: server.baseUrl, deadlines })('/x', {}))
    assert.deepEqual({ reason, sent }, { reason: 'answer_deadline', sent: true })
    return performance.now() - began
  }
  assert.ok((await timed({ connect: 20, answer: 160 })) >= 155)
  assert.ok((await timed({ answer: 60, whole: 60_000 })) < 30_000)
  assert.ok((await timed({ answer: 60_000, whole: 60 })) < 30_000)
})

test(`T28 ${name}: no more requests at a time than allowed, the others wait their turn`, async (t) => {
  let now = 0
  let most = 0
  const server = await rawServer(t, (socket) => {
    most = Math.max(most, ++now)
    setImmediate(() => {
      now--
      socket.write(answer(goodBody))
    })
  })
  const transport = transportTo(t, { baseUrl: server.baseUrl, connections: { max: 4, shortRest: 0 } })
  await Promise.all(Array.from({ length: 100 }, () => transport('/x', {})))
  assert.equal(server.asked.length, 100)
  assert.ok(most <= 4 && server.connections <= 4, `${most} at a time`)
})

test(`T28 ${name}: who waits too long for a turn was never sent`, async (t) => {
  const server = await rawServer(t, () => {})
  const transport = transportTo(t, {
    baseUrl: server.baseUrl,
    deadlines: { connect: 60, whole: 120 },
    connections: { max: 1 },
  })
  const [first, second] = await Promise.all([failure(transport('/x', {})), failure(transport('/x', {}))])
  assert.equal(first.sent, true)
  assert.equal(second.sent, false)
  assert.equal(server.asked.length, 1)
})

test(`T28 ${name}: a broken connection frees its place for those who wait`, async (t) => {
  const server = await rawServer(t, (socket) => {
    if (server.asked.length === 1) socket.resetAndDestroy()
    else socket.write(answer(goodBody))
  })
  const transport = transportTo(t, { baseUrl: server.baseUrl, connections: { max: 1 } })
  const [first, second] = await Promise.all([failure(transport('/x', {})), transport('/x', {})])
  assert.equal(first.sent, true)
  assert.equal(second.status, 200)
})

test(`${name}: connections are kept, and one that the other side closed is replaced without a lost call`, async (t) => {
  const server = await rawServer(t, always(goodBody))
  const transport = transportTo(t, { baseUrl: server.baseUrl, connections: { max: 1, shortRest: 0 } })
  for (let turn = 0; turn < 10; turn++) await transport('/x', {})
  assert.equal(server.connections, 1)
  for (const end of ['end', 'destroy'] as const)
    for (const socket of [...server.open]) {
      socket[end]()
      await once(socket, 'close')
      assert.equal((await transport('/x', {})).status, 200, end)
    }
  assert.equal(server.asked.length, 12)
})

test(`T28 ${name}: a kept connection that was reset before the request was written was never sent to`, async (t) => {
  const server = await rawServer(t, always(goodBody))
  const transport = transportTo(t, { baseUrl: server.baseUrl, connections: { max: 1, shortRest: 0 } })
  await transport('/x', {})
  for (const socket of server.open) socket.resetAndDestroy()
  const outcome = await transport('/x', {}).catch((error: TransportError) => error)
  if (outcome instanceof Error) assert.equal(outcome.sent, false)
  assert.equal(server.asked.length, outcome instanceof Error ? 1 : 2)
})

test(`T10 ${name}: a connection that speaks while nobody asks is closed and not used again`, async (t) => {
  const server = await rawServer(t, always(goodBody))
  const transport = transportTo(t, { baseUrl: server.baseUrl })
  await transport('/x', {})
  const [socket] = server.open
  assert.ok(socket)
  socket.write(answer('{"openid":"somebody-else"}'))
  await once(socket, 'close')
  assert.equal((await transport('/x', {})).text, goodBody)
  assert.equal(server.connections, 2)
})

test(`T10 ${name}: a second answer that the network holds back is nobody's either`, async (t) => {
  const server = await rawServer(t, (socket, { query }) => {
    socket.write(answer(query.get('person') ?? ''))
    if (server.asked.length % 8 === 0) setImmediate(() => socket.write(answer('somebody-else')))
  })
  server.onConnection = (socket) => socket.setNoDelay(false) // Nagle waits for an acknowledgement, and our next request is one
  const transport = transportTo(t, { baseUrl: server.baseUrl })
  let next = 0
  const ask = async () => {
    while (next < 400) {
      const person = `person${next++}`
      assert.equal((await transport('/x', { person })).text, person)
      await new Promise((pause) => setTimeout(pause, 5))
    }
  }
  await Promise.all(Array.from({ length: 8 }, ask))
})

test(`T05 T10 T28 ${name}: among 2,000 calls at 40 % faults nobody gets another's identity, and nothing leaks`, async (t) => {
  const person = (openid: string) => answer(JSON.stringify({ session_key: canary.sessionKey, openid }))
  const mishaps: Behaviour[] = [
    (socket) => socket.resetAndDestroy(),
    (socket) => socket.end(),
    (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"openid":"somebody-else"'),
    (socket) => void socket.write('HTTP/1.1 200 OK\r\n', () => socket.destroy()),
    (socket, { query }) => {
      socket.write(Buffer.concat([person(query.get('js_code') ?? ''), person('somebody-else')]))
    },
    (socket, { query }) => {
      socket.write(person(query.get('js_code') ?? ''))
      setImmediate(() => socket.write(person('somebody-else')))
    },
    (socket) => void setTimeout(() => socket.write(person('somebody-else')), 350), // after the caller has gone
    (socket) => void socket.write(answer('<html>', { status: '502 Bad Gateway' })),
    (socket) => void socket.write(answer('x'.repeat(70_000))),
    (socket) => void socket.write('nonsense\r\n\r\n'),
  ]
  const server = await rawServer(t, (socket, asked) => {
    const turn = server.asked.length
    const mishap = turn % 5 < 2 ? mishaps[Math.floor(turn / 5) % mishaps.length] : undefined
    if (mishap) mishap(socket, asked)
    else socket.write(person(asked.query.get('js_code') ?? ''))
  })
  const transport = wechatTransport({ baseUrl: server.baseUrl, deadlines: { answer: 300 } })
  const call = createCall(transport)
  let next = 0
  let good = 0
  const logInAgainAndAgain = async () => {
    while (next < 2_000) {
      const mine = loginCode(`person${next++}`)
      try {
        assert.equal((await codeToSession(app, mine, call)).openid, mine)
        good++
      } catch (error) {
        if (!(error instanceof WeChatError)) throw error
        assert.ok(['outcome_unknown', 'unexpected', 'unreachable'].includes(error.code), error.message)
        assertNoSecretIn(error)
      }
    }
  }
  await Promise.all(Array.from({ length: 50 }, logInAgainAndAgain))
  assert.ok(good > 700, `${good} logins`)

  server.behaviour = always(goodBody)
  assert.ok(await codeToSession(app, code, call), 'healthy at once when the faults end')
  await transport.close()
  await Promise.all([...server.open].map((socket) => once(socket, 'close')))
})

test(`${name}: closing lets the calls under way end and refuses new ones`, async (t) => {
  const server = await rawServer(t, (socket) => void setImmediate(() => socket.write(answer(goodBody))))
  const transport = transportTo(t, { baseUrl: server.baseUrl, connections: { max: 1 } })
  const underWay = transport('/x', {})
  const waiting = failure(transport('/x', {}))
  await once(await connection(server), 'data')
  const closed = transport.close()
  assert.equal((await underWay).status, 200)
  assert.deepEqual(await waiting.then(({ reason, sent }) => [reason, sent]), ['closed', false])
  assert.deepEqual(await failure(transport('/x', {})).then(({ reason, sent }) => [reason, sent]), ['closed', false])
  await closed
})

const connection = (server: Awaited<ReturnType<typeof rawServer>>) =>
  new Promise<import('node:net').Socket>((stands) => {
    server.onConnection = stands
  })

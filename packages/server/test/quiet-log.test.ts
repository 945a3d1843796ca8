import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Transport, TransportError } from '@hufu/wechat'
import type { Store } from '../src/ports/store.ts'
import { addKey, newAssertion, post } from './cloud/assertion.ts'
import { shop } from './fixture/apps.ts'
import { newServer, type ServerOptions, type TestServer } from './fixture/server.ts'
import { SECOND } from './fixture/time.ts'

const DEBUG = 20

type Line = { level: number; msg: string; event?: string; times?: number; code?: string; error?: string }

/** What an operator reads, without what was logged before. */
function linesOf(server: TestServer): () => Line[] {
  let seen = server.printed().length
  return () => {
    const fresh = server.printed().slice(seen)
    seen += fresh.length
    const lines = fresh.split('\n').filter(Boolean)
    return lines.map((line) => JSON.parse(line) as Line).filter(({ level }) => level > DEBUG)
  }
}

/** Half at once, half later: what comes again and again is told in numbers that add up, and then that it is over. */
async function checkQuiet(
  server: TestServer,
  times: number,
  fail: (index: number) => Promise<unknown>,
): Promise<Line[]> {
  const lines = linesOf(server)
  const failMany = async (from: number, to: number): Promise<void> => {
    for (let index = from; index < to; index += 100) {
      await Promise.all(Array.from({ length: Math.min(100, to - index) }, (_, next) => fail(index + next)))
    }
  }
  await fail(0)
  const first = lines()
  assert.ok(first.length >= 1, 'the first is told at once')
  await failMany(1, times / 2)
  const during = lines()
  server.advance(10 * SECOND)
  server.service.log.tell()
  const told = lines()
  await failMany(times / 2, times)
  during.push(...lines())
  server.advance(10 * SECOND)
  server.service.log.tell()
  told.push(...lines())
  server.service.log.tell()
  const over = lines()
  assert.ok(first.length + during.length <= 6, JSON.stringify(during))
  assert.ok(told.every(({ msg }) => msg === 'repeated') && over.every(({ msg }) => msg === 'over'))
  assert.ok(told.length + over.length <= 12)
  const counted = new Map<string, number>()
  for (const { msg, event } of [...first, ...during]) counted.set(event ?? msg, (counted.get(event ?? msg) ?? 0) + 1)
  for (const { event = '', times = 0 } of told) counted.set(event, (counted.get(event) ?? 0) + times)
  const sums = [...counted.values()]
  // While WeChat is left alone, a login fails without WeChat.
  assert.ok([...sums, sums.reduce((one, other) => one + other)].includes(times), JSON.stringify([...counted]))
  server.service.log.tell()
  assert.deepEqual(lines(), [], 'and then nothing more is said')
  await fail(times)
  assert.deepEqual(
    lines().map(({ msg }) => msg),
    first.map(({ msg }) => msg),
    'until it begins again',
  )
  return [...first, ...during, ...told, ...over]
}

const failing = (fail: () => ReturnType<Transport>): ServerOptions['around'] => ({ transport: () => fail })

const OUTAGES: Record<string, { times: number; around: ServerOptions['around'] }> = {
  'cannot be reached': {
    times: 10_000,
    around: {
      transport: () => async () => {
        throw new TransportError('no_answer', { sent: false })
      },
    },
  },
  'loses its answers': {
    times: 1000,
    around: {
      transport: () => async () => {
        throw new TransportError('no_answer', { sent: true })
      },
    },
  },
  'answers 502': { times: 1000, around: failing(async () => ({ status: 502, text: '<html>bad gateway</html>' })) },
  'answers nonsense': { times: 1000, around: failing(async () => ({ status: 200, text: '{"openid":' })) },
  'says that it is busy': { times: 1000, around: failing(async () => ({ status: 200, text: '{"errcode":-1}' })) },
}

for (const [what, { times, around }] of Object.entries(OUTAGES)) {
  test(`B7 while WeChat ${what}, ${times} logins are a handful of lines`, async (t) => {
    const server = await newServer(t, around ? { around } : {})
    const lines = await checkQuiet(server, times, (index) =>
      server.post('/v1/login', { appId: shop.appId, code: `code-of-somebody-${index}` }),
    )
    assert.ok(lines.length <= 16)
    assert.ok(lines.some(({ msg, code }) => /wechat_fails|request_failed/.test(msg) && code !== undefined))
  })
}

const BAD_ASSERTIONS: Record<string, (good: string, index: number) => string> = {
  'are no JWT': (_, index) => `nothing ${index}`,
  'have another signature': (good, index) => `${good.slice(0, -8)}${String(index).padStart(8, 'A')}`,
  'come again': (good) => good,
  'are too long': (good, index) => good + String(index % 10).repeat(9000),
}

for (const [what, spoil] of Object.entries(BAD_ASSERTIONS)) {
  test(`B7 assertions that ${what} are a handful of lines, or none`, async (t) => {
    const server = await newServer(t)
    const good = newAssertion(server, await addKey(server, shop), shop, 'mei')
    assert.equal((await post(server, good)).status, 200)
    const lines = linesOf(server)
    const refused = async (index: number): Promise<void> =>
      assert.ok([401, 413].includes((await post(server, spoil(good, index))).status))
    if (what === 'come again') {
      for (let index = 0; index < 1000; index++) await refused(index)
      assert.deepEqual(lines(), [], 'these are in the audit')
    } else await checkQuiet(server, 2000, refused)
  })
}

test('B7 whoever logs in too often is a handful of lines', async (t) => {
  const server = await newServer(t, { settings: { HUFU_LOGIN_LIMIT: '1' }, peerOf: () => '203.0.113.9' })
  await server.logIn(shop, 'mei')
  const lines = await checkQuiet(server, 2000, (index) =>
    server.post('/v1/login', { appId: shop.appId, code: `code-of-somebody-${index}` }),
  )
  assert.ok(lines.some(({ msg, code }) => msg === 'request_limited' && code === 'rate_limited'))
})

const brokenStore =
  (fault: (index: number) => Error) =>
  (store: Store): Store => {
    let index = 0
    return {
      ...store,
      logins: {
        ...store.logins,
        commit: async () => {
          throw fault(index++)
        },
      },
    }
  }

const FAULTS: Record<string, (index: number) => Error> = {
  'the same fault': () => new TypeError('cannot read what is not there'),
  'a fault that names another number each time': (index) => new RangeError(`row ${index} is not a session`),
  'a fault with a cause': (index) =>
    new TypeError(`attempt ${index}`, { cause: new Error('SQLITE_CORRUPT: database disk image is malformed') }),
}

for (const [what, fault] of Object.entries(FAULTS)) {
  test(`B7 ${what} in every request is a handful of lines`, async (t) => {
    const server = await newServer(t, { around: { store: brokenStore(fault) } })
    const lines = await checkQuiet(server, 1000, (index) => {
      if (index % 500 === 499) server.advance(60 * SECOND) // WeChat's own limits are not what this is about
      return server.post('/v1/login', { appId: shop.appId, code: server.code(shop, 'mei') })
    })
    assert.ok(lines.some(({ error }) => error?.includes('internal')))
  })
}

test('B7 a fault of ours that differs from the ones before is told, however many there were', async (t) => {
  const kinds = ['no such column', 'not a function', 'stack exceeded', 'no such column']
  const server = await newServer(t, { around: { store: brokenStore((index) => new TypeError(kinds[index % 4])) } })
  const lines = linesOf(server)
  for (let turn = 0; turn < 40; turn++) {
    await server.post('/v1/login', { appId: shop.appId, code: server.code(shop, 'mei') })
  }
  assert.deepEqual(
    lines().map(({ error = '' }) => kinds.find((kind) => error.includes(kind))),
    ['no such column', 'not a function', 'stack exceeded'],
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shop } from './fixture/apps.ts'
import type { Ask, Reply } from './fixture/reply.ts'
import { newServer, type TestServer } from './fixture/server.ts'

const HOSTILE = [
  "'; DROP TABLE users; --",
  '" OR 1=1 --',
  "1' UNION SELECT sealed FROM keys --",
  "x'||(SELECT value FROM settings)||'",
  '?1',
  ':name',
  '%',
  '_',
  '\\',
  '\0',
  'a\nb',
  'a\r\n{"level":50,"msg":"forged"}',
  '"}\n{"msg":"forged"}',
  '\u001b[2J',
  '\u2028',
  '\ud800',
  '{{7*7}}',
  '<script>alert(1)</script>',
  '__proto__',
  'constructor.prototype',
  '../../etc/passwd',
  'x'.repeat(4000),
]

const member = (name: string, value: string): string => `{${JSON.stringify(name)}:${JSON.stringify(value)}}`

/** Every place on both listeners where a caller's text goes in. */
const PLACES: Record<string, (server: TestServer, text: string, token: string) => Promise<Reply>> = {
  'appId of a login': (server, appId) => server.post('/v1/login', { appId, code: 'x' }),
  'code of a login': (server, code) => server.post('/v1/login', { appId: shop.appId, code }),
  'nonce of a login': (server, nonce) => server.post('/v1/login', { appId: shop.appId, code: 'x', nonce }),
  'a member’s name': (server, name) => server.post('/v1/login', member(name, 'x')),
  'a refresh token': (server, refreshToken) => server.post('/v1/refresh', { refreshToken }),
  'a refresh token to log out': (server, refreshToken) => server.post('/v1/logout', { refreshToken }),
  'a session id': (server, id, token) =>
    server.ask('DELETE', `/v1/me/sessions/${encodeURIComponent(id.toWellFormed())}`, { token }),
  'a path': (server, path) => server.get(`/v1/${encodeURIComponent(path.toWellFormed())}`),
  'an origin': (server, origin) => server.ask('GET', '/healthz', asHeader('origin', origin)),
  'an Authorization header': (server, text) => server.ask('GET', '/v1/me', asHeader('authorization', `Bearer ${text}`)),
  'a forwarding header': (server, text) => server.ask('GET', '/v1/me', asHeader('x-forwarded-for', text)),
  'a realm’s id': (server, id) => server.admin('POST', 'realms', { id }),
  'an app’s id': (server, appId) => server.admin('POST', 'apps', { appId, secret: 'a-long-enough-secret' }),
  'an app’s secret': (server, secret) => server.admin('PATCH', `apps/${shop.appId}`, { secret }),
  'an app’s kind': (server, kind) => server.admin('PATCH', `apps/${shop.appId}`, { kind }),
  'an app’s realm': (server, realm) => server.admin('PATCH', `apps/${shop.appId}`, { realm }),
  'an app’s origins': (server, origin) => server.admin('PATCH', `apps/${shop.appId}`, { origins: [origin] }),
  ...Object.fromEntries(
    ['userId', 'unionid', 'openid', 'after', 'limit'].map((name) => [
      `the query ${name} of users`,
      (server: TestServer, text: string) => server.admin('GET', `users?${new URLSearchParams({ [name]: text })}`),
    ]),
  ),
  ...Object.fromEntries(
    ['after', 'kind', 'userId'].map((name) => [
      `the query ${name} of events`,
      (server: TestServer, text: string) => server.admin('GET', `events?${new URLSearchParams({ [name]: text })}`),
    ]),
  ),
  'a user’s id': (server, id) => server.admin('POST', `users/${encodeURIComponent(id.toWellFormed())}/block`),
  'a unification’s id': (server, id) =>
    server.admin('POST', `unifications/${encodeURIComponent(id.toWellFormed())}/undo`),
  'a conflict’s id': (server, id) =>
    server.admin('POST', `conflicts/${encodeURIComponent(id.toWellFormed())}/resolve`, { decision: 'keep' }),
  'a decision': (server, decision) => server.admin('POST', 'conflicts/cfl_x/resolve', { decision }),
}

/** What a header can carry of a text. */
function asHeader(name: string, text: string): Ask {
  return { headers: { [name]: text.replace(/[^\x20-\x7e]/g, '?') } }
}

test(`T33 given ${HOSTILE.length} hostile texts in each of ${Object.keys(PLACES).length} inputs, then nothing is injected and nothing breaks`, async (t) => {
  const server = await newServer(t)
  const { accessToken } = await server.logIn(shop, 'mei')
  const facts = () => ({
    users: server.rows('SELECT * FROM users'),
    sessions: server.rows('SELECT * FROM sessions'),
    apps: server.rows('SELECT * FROM apps'),
    realms: server.rows('SELECT * FROM realms'),
    keys: server.rows('SELECT * FROM keys'),
    schema: server.rows('SELECT sql FROM sqlite_schema'),
  })
  const before = facts()
  for (const [place, send] of Object.entries(PLACES)) {
    for (const text of HOSTILE) {
      if (place.startsWith('an app') && /^[\w-]+$/.test(text)) continue // a word like any other
      const reply = await send(server, text, accessToken)
      assert.ok(reply.status < 500, `${place}: ${text.slice(0, 40)}: ${reply.text}`)
      if (text.length > 2 && reply.status >= 400) {
        assert.ok(
          !reply.text.includes(JSON.stringify(text).slice(1, -1)),
          `${place} repeats what it was sent: ${reply.text}`,
        )
      }
    }
  }
  assert.deepEqual(facts(), before)
  assert.equal((await server.get('/v1/me', accessToken)).status, 200)
  assert.equal(({} as Record<string, unknown>).x, undefined)
  assert.equal(Object.getOwnPropertyNames(Object.prototype).includes('forged'), false)
})

test('T33 the name of a realm or an app is what the operator wrote, to the letter, or it is refused', async (t) => {
  const server = await newServer(t)
  for (const [n, name] of HOSTILE.entries()) {
    const realm = await server.admin('POST', 'realms', { id: `realm-${n}`, name })
    const app = await server.admin('PATCH', `apps/${shop.appId}`, { name })
    for (const { status, body } of [realm, app]) {
      if (/\0/.test(name) || !name.isWellFormed()) assert.equal(status, 400)
      else assert.equal((body as { name: string }).name, name)
    }
  }
  await server.restart()
  const { items } = (await server.admin('GET', 'realms')).body as { items: { name: string }[] }
  assert.ok(items.some(({ name }) => name === HOSTILE[0]))
})

test('T33 members of an app or realm that an operator may not set are refused', async (t) => {
  const server = await newServer(t)
  for (const change of [
    { createdAt: 'x' },
    { appId: 'wx9' },
    { secretSealed: 'x' },
    { id: 'x' },
    { origins: 'x' },
    { name: 5 },
  ]) {
    const reply = await server.admin('PATCH', `apps/${shop.appId}`, change)
    assert.equal(reply.status, 400, JSON.stringify(change))
  }
  const nested = '{"appId":"wx9","secret":"a-long-enough-secret","__proto__":{"realm":"rival"}}'
  assert.equal((await server.admin('POST', 'apps', nested)).status, 400)
  assert.equal(({} as Record<string, unknown>).realm, undefined)
})

test('T33 given hostile text, then every log line is still one JSON event', async (t) => {
  const server = await newServer(t)
  server.wechat.fault({ fault: 'errcode', errcode: 40013, errmsg: 'invalid appid\n{"level":60,"msg":"forged"}' })
  for (const text of HOSTILE) await server.post('/v1/login', { appId: shop.appId, code: text })
  await server.post('/v1/login', { appId: shop.appId, code: server.code(shop, 'mei') })
  const lines = server.printed().trimEnd().split('\n')
  assert.ok(lines.length > 0)
  for (const line of lines) {
    const { level, msg } = JSON.parse(line)
    assert.ok([20, 30, 40, 50].includes(level), line)
    assert.match(msg, /^[a-z_]+$/)
  }
  assert.ok(!server.printed().includes('forged'))
})

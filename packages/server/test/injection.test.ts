import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Ask, newWorld, type Reply, shop, type World } from './world.ts'

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
const PLACES: Record<string, (world: World, text: string, token: string) => Promise<Reply>> = {
  'appId of a login': (world, appId) => world.post('/v1/login', { appId, code: 'x' }),
  'code of a login': (world, code) => world.post('/v1/login', { appId: shop.appId, code }),
  'nonce of a login': (world, nonce) => world.post('/v1/login', { appId: shop.appId, code: 'x', nonce }),
  'a member’s name': (world, name) => world.post('/v1/login', member(name, 'x')),
  'a refresh token': (world, refreshToken) => world.post('/v1/refresh', { refreshToken }),
  'a refresh token to log out': (world, refreshToken) => world.post('/v1/logout', { refreshToken }),
  'a session id': (world, id, token) =>
    world.ask('DELETE', `/v1/me/sessions/${encodeURIComponent(id.toWellFormed())}`, { token }),
  'a path': (world, path) => world.get(`/v1/${encodeURIComponent(path.toWellFormed())}`),
  'an origin': (world, origin) => world.ask('GET', '/healthz', asHeader('origin', origin)),
  'an Authorization header': (world, text) => world.ask('GET', '/v1/me', asHeader('authorization', `Bearer ${text}`)),
  'a forwarding header': (world, text) => world.ask('GET', '/v1/me', asHeader('x-forwarded-for', text)),
  'a realm’s id': (world, id) => world.admin('POST', 'realms', { id }),
  'an app’s id': (world, appId) => world.admin('POST', 'apps', { appId, secret: 'a-long-enough-secret' }),
  'an app’s secret': (world, secret) => world.admin('PATCH', `apps/${shop.appId}`, { secret }),
  'an app’s kind': (world, kind) => world.admin('PATCH', `apps/${shop.appId}`, { kind }),
  'an app’s realm': (world, realm) => world.admin('PATCH', `apps/${shop.appId}`, { realm }),
  'an app’s origins': (world, origin) => world.admin('PATCH', `apps/${shop.appId}`, { origins: [origin] }),
  ...Object.fromEntries(
    ['userId', 'unionid', 'openid', 'after', 'limit'].map((name) => [
      `the query ${name} of users`,
      (world: World, text: string) => world.admin('GET', `users?${new URLSearchParams({ [name]: text })}`),
    ]),
  ),
  ...Object.fromEntries(
    ['after', 'kind', 'userId'].map((name) => [
      `the query ${name} of events`,
      (world: World, text: string) => world.admin('GET', `events?${new URLSearchParams({ [name]: text })}`),
    ]),
  ),
  'a user’s id': (world, id) => world.admin('POST', `users/${encodeURIComponent(id.toWellFormed())}/block`),
  'a unification’s id': (world, id) =>
    world.admin('POST', `unifications/${encodeURIComponent(id.toWellFormed())}/undo`),
  'a conflict’s id': (world, id) =>
    world.admin('POST', `conflicts/${encodeURIComponent(id.toWellFormed())}/resolve`, { decision: 'keep' }),
  'a decision': (world, decision) => world.admin('POST', 'conflicts/cfl_x/resolve', { decision }),
}

/** What a header can carry of a text. */
function asHeader(name: string, text: string): Ask {
  return { headers: { [name]: text.replace(/[^\x20-\x7e]/g, '?') } }
}

test(`T33 ${HOSTILE.length} hostile texts in ${Object.keys(PLACES).length} places change nothing and break nothing`, async (t) => {
  const world = await newWorld(t)
  const { accessToken } = await world.logIn(shop, 'mei')
  const facts = () => ({
    users: world.rows('SELECT * FROM users'),
    sessions: world.rows('SELECT * FROM sessions'),
    apps: world.rows('SELECT * FROM apps'),
    realms: world.rows('SELECT * FROM realms'),
    keys: world.rows('SELECT * FROM keys'),
    schema: world.rows('SELECT sql FROM sqlite_schema'),
  })
  const before = facts()
  for (const [place, send] of Object.entries(PLACES)) {
    for (const text of HOSTILE) {
      if (place.startsWith('an app') && /^[\w-]+$/.test(text)) continue // a word like any other
      const reply = await send(world, text, accessToken)
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
  assert.equal((await world.get('/v1/me', accessToken)).status, 200)
  assert.equal(({} as Record<string, unknown>).x, undefined)
  assert.equal(Object.getOwnPropertyNames(Object.prototype).includes('forged'), false)
})

test('T33 the name of a realm or an app is what the operator wrote, to the letter, or it is refused', async (t) => {
  const world = await newWorld(t)
  for (const [n, name] of HOSTILE.entries()) {
    const realm = await world.admin('POST', 'realms', { id: `realm-${n}`, name })
    const app = await world.admin('PATCH', `apps/${shop.appId}`, { name })
    for (const { status, body } of [realm, app]) {
      if (/\0/.test(name) || !name.isWellFormed()) assert.equal(status, 400)
      else assert.equal((body as { name: string }).name, name)
    }
  }
  await world.restart()
  const { items } = (await world.admin('GET', 'realms')).body as { items: { name: string }[] }
  assert.ok(items.some(({ name }) => name === HOSTILE[0]))
})

test('T33 members that an operator may not set are refused', async (t) => {
  const world = await newWorld(t)
  for (const change of [
    { createdAt: 'x' },
    { appId: 'wx9' },
    { secretSealed: 'x' },
    { id: 'x' },
    { origins: 'x' },
    { name: 5 },
  ]) {
    const reply = await world.admin('PATCH', `apps/${shop.appId}`, change)
    assert.equal(reply.status, 400, JSON.stringify(change))
  }
  const nested = '{"appId":"wx9","secret":"a-long-enough-secret","__proto__":{"realm":"rival"}}'
  assert.equal((await world.admin('POST', 'apps', nested)).status, 400)
  assert.equal(({} as Record<string, unknown>).realm, undefined)
})

test('T33 whatever was sent, every log line is one event', async (t) => {
  const world = await newWorld(t)
  world.wechat.fault({ fault: 'errcode', errcode: 40013, errmsg: 'invalid appid\n{"level":60,"msg":"forged"}' })
  for (const text of HOSTILE) await world.post('/v1/login', { appId: shop.appId, code: text })
  await world.post('/v1/login', { appId: shop.appId, code: world.code(shop, 'mei') })
  const lines = world.printed().trimEnd().split('\n')
  assert.ok(lines.length > 0)
  for (const line of lines) {
    const { level, msg } = JSON.parse(line)
    assert.ok([20, 30, 40, 50].includes(level), line)
    assert.match(msg, /^[a-z_]+$/)
  }
  assert.ok(!world.printed().includes('forged'))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoginReply, Me, MySessions } from '@hufu/contract'
import { decodeProtectedHeader } from 'jose'
import { club, loner, news, shop } from './fixture/apps.ts'
import { issuer } from './fixture/config.ts'
import { problemOf, type Reply, refusalOf } from './fixture/reply.ts'
import { newServer, type TestServer, wechatFactsOf } from './fixture/server.ts'
import { MINUTE, MORNING, SECOND } from './fixture/time.ts'

const UNSTORED = { 'content-type': 'application/json', 'cache-control': 'no-store' }
const headersOf = (reply: Reply) => Object.fromEntries(reply.headers)
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
const iso = (at: number) => new Date(at).toISOString()

const USER = /^usr_[0-9a-z]{26}$/
const SESSION = /^ses_[0-9a-z]{26}$/
const REFRESH = /^ses_[0-9a-z]{26}\.[\w-]{72}$/

test('a login answers with tokens, the user and what WeChat said', async (t) => {
  const server = await newServer(t)
  const reply = await server.post('/v1/login', { appId: shop.appId, code: server.code(shop, 'mei') })
  assert.equal(reply.status, 200)
  assert.deepEqual(headersOf(reply), UNSTORED)
  const { accessToken, refreshToken, user, ...rest } = reply.body as Record<string, unknown> & {
    user: Record<string, unknown>
  }
  assert.deepEqual(rest, wechatFactsOf(server, shop, 'mei'))
  assert.match(String(refreshToken), REFRESH)
  assert.match(String(user.id), USER)
  assert.deepEqual(user, { id: user.id, isNew: true, formerIds: [] })

  const { jti, sid, ...claims } = claimsOf(String(accessToken))
  assert.deepEqual(claims, {
    iss: issuer,
    sub: user.id,
    aud: `${issuer}/realms/default`,
    exp: MORNING / SECOND + 900,
    iat: MORNING / SECOND,
    client_id: shop.appId,
    realm: 'default',
  })
  assert.match(jti, /^[\w-]{20}$/)
  assert.match(sid, SESSION)
  assert.equal(String(refreshToken).split('.')[0], sid)
})

test('an operator may keep openid and unionid out of the answers', async (t) => {
  const server = await newServer(t, { settings: { HUFU_EXPOSE_WECHAT_IDS: 'false' } })
  const login = await server.logIn(shop, 'mei')
  const names = ['accessToken', 'tokenType', 'expiresIn', 'refreshToken', 'appId']
  assert.deepEqual(Object.keys(login).sort(), [...names, 'user'].sort())
  assert.deepEqual(Object.keys(await server.refresh(login.refreshToken)).sort(), names.sort())
})

test('C25 where an operator keeps them out, no answer to a person holds openid or unionid', async (t) => {
  for (const settings of [{ HUFU_EXPOSE_WECHAT_IDS: 'false' }, {}]) {
    const server = await newServer(t, { settings })
    const answers: Reply[] = []
    for (const app of [shop, club, loner, news]) {
      const login = await server.post('/v1/login', { appId: app.appId, code: server.code(app, 'mei') })
      const { accessToken, refreshToken } = login.body as LoginReply
      answers.push(login, await server.get('/v1/me', accessToken), await server.get('/v1/me/sessions', accessToken))
      answers.push(await server.post('/v1/refresh', { refreshToken }))
    }
    const told = answers.map(({ text }) => text).join()
    const ids = [shop, club, loner, news].flatMap(({ appId }) => [
      server.wechat.openid(appId, 'mei'),
      server.wechat.unionid(appId, 'mei') ?? [],
    ])
    for (const id of ids.flat()) assert.equal(told.includes(id), settings.HUFU_EXPOSE_WECHAT_IDS === undefined, id)
    const { accessToken, user } = await server.logIn(club, 'mei')
    const me = (await server.get('/v1/me', accessToken)).body as Me
    const names = ['appId', 'firstSeenAt', 'kind', 'lastSeenAt']
    if (settings.HUFU_EXPOSE_WECHAT_IDS === 'false') {
      for (const identity of me.identities) assert.deepEqual(Object.keys(identity).sort(), names)
    }
    assert.equal(me.id, user.id)
    assert.ok(me.identities.length > 1)
  }
})

test('a refresh answers with new tokens of the same session, without the user', async (t) => {
  const server = await newServer(t)
  const login = await server.logIn(shop, 'mei')
  server.advance(MINUTE)
  const reply = await server.post('/v1/refresh', { refreshToken: login.refreshToken })
  assert.equal(reply.status, 200)
  assert.deepEqual(headersOf(reply), UNSTORED)
  const { accessToken, refreshToken, ...rest } = reply.body as Record<string, unknown>
  assert.deepEqual(rest, {
    tokenType: 'Bearer',
    expiresIn: 900,
    appId: shop.appId,
    openid: login.openid,
    unionid: login.unionid,
  })
  assert.match(String(refreshToken), REFRESH)
  assert.notEqual(refreshToken, login.refreshToken)
  const [before, after] = [claimsOf(login.accessToken), claimsOf(String(accessToken))]
  assert.equal(after.sid, before.sid)
  assert.equal(after.sub, before.sub)
  assert.equal(after.iat, before.iat + 60)
  assert.notEqual(after.jti, before.jti)
})

test('GET /v1/me lists one person’s identities in the apps they have opened', async (t) => {
  const server = await newServer(t)
  const login = await server.logIn(shop, 'mei')
  server.advance(MINUTE)
  await server.logIn(club, 'mei')
  const reply = await server.get('/v1/me', login.accessToken)
  assert.equal(reply.status, 200)
  assert.deepEqual(headersOf(reply), UNSTORED)
  assert.deepEqual(reply.body, {
    id: login.user.id,
    createdAt: iso(MORNING),
    formerIds: [],
    identities: [
      {
        appId: shop.appId,
        kind: 'miniprogram',
        openid: server.wechat.openid(shop.appId, 'mei'),
        unionid: server.wechat.unionid(shop.appId, 'mei'),
        firstSeenAt: iso(MORNING),
        lastSeenAt: iso(MORNING),
      },
      {
        appId: club.appId,
        kind: 'miniprogram',
        openid: server.wechat.openid(club.appId, 'mei'),
        unionid: server.wechat.unionid(shop.appId, 'mei'),
        firstSeenAt: iso(MORNING + MINUTE),
        lastSeenAt: iso(MORNING + MINUTE),
      },
    ],
  })
})

async function twoDevices(server: TestServer) {
  const phone = await server.logIn(shop, 'mei')
  server.advance(MINUTE)
  const tablet = await server.logIn(club, 'mei')
  return { phone, tablet }
}

test('GET /v1/me/sessions lists each signed-in device, newest first, and marks the one that asks', async (t) => {
  const server = await newServer(t)
  const { phone, tablet } = await twoDevices(server)
  const reply = await server.get('/v1/me/sessions', phone.accessToken)
  assert.equal(reply.status, 200)
  assert.deepEqual(headersOf(reply), UNSTORED)
  assert.deepEqual(reply.body, {
    items: [
      {
        id: claimsOf(tablet.accessToken).sid,
        appId: club.appId,
        createdAt: iso(MORNING + MINUTE),
        lastUsedAt: iso(MORNING + MINUTE),
        current: false,
      },
      {
        id: claimsOf(phone.accessToken).sid,
        appId: shop.appId,
        createdAt: iso(MORNING),
        lastUsedAt: iso(MORNING),
        current: true,
      },
    ],
  })
})

test('one device signs the other out, and cannot touch a stranger’s', async (t) => {
  const server = await newServer(t)
  const { phone, tablet } = await twoDevices(server)
  const bo = await server.logIn(shop, 'bo')
  const of = (login: { accessToken: string }) => `/v1/me/sessions/${claimsOf(login.accessToken).sid}`
  const foreign = await server.ask('DELETE', of(bo), { token: phone.accessToken })
  const unknown = { type: '/problems/not_found', title: 'Not found', status: 404, code: 'not_found' }
  assert.deepEqual(problemOf(foreign), { ...unknown, detail: 'You have no such session.' })

  const ended = await server.ask('DELETE', of(tablet), { token: phone.accessToken })
  assert.equal(ended.status, 204)
  assert.equal(ended.text, '')
  assert.deepEqual(headersOf(ended), { 'cache-control': 'no-store' })
  assert.equal(refusalOf(await server.get('/v1/me', tablet.accessToken)), '401 token_invalid')
  assert.equal(refusalOf(await server.post('/v1/refresh', { refreshToken: tablet.refreshToken })), '401 token_invalid')
  assert.equal(refusalOf(await server.ask('DELETE', of(tablet), { token: phone.accessToken })), '404 not_found')
  for (const odd of ['%00', 'ses_', '%E0%A4', "'--", 'x'.repeat(2000)]) {
    const reply = await server.ask('DELETE', `/v1/me/sessions/${odd}`, { token: phone.accessToken })
    assert.equal(refusalOf(reply), '404 not_found', odd)
  }
  assert.equal((await server.get('/v1/me', bo.accessToken)).status, 200)
  const { items } = (await server.get('/v1/me/sessions', phone.accessToken)).body as MySessions
  assert.equal(items.length, 1)
})

test('logging out needs the access token or, when that is old, the refresh token', async (t) => {
  const server = await newServer(t)
  const { phone, tablet } = await twoDevices(server)
  const first = await server.post('/v1/logout', undefined, { token: phone.accessToken })
  assert.equal(first.status, 204)
  assert.deepEqual(headersOf(first), { 'cache-control': 'no-store' })
  assert.equal(refusalOf(await server.get('/v1/me', phone.accessToken)), '401 token_invalid')

  server.advance(20 * MINUTE)
  assert.equal(
    refusalOf(await server.post('/v1/logout', undefined, { token: tablet.accessToken })),
    '401 token_expired',
  )
  const { refreshToken } = tablet
  assert.equal((await server.post('/v1/logout', { refreshToken })).status, 204)
  assert.equal(
    (await server.post('/v1/logout', { refreshToken })).status,
    204,
    'and again: there is nothing left to end',
  )
  assert.equal(refusalOf(await server.post('/v1/refresh', { refreshToken })), '401 token_invalid')
  assert.equal(refusalOf(await server.post('/v1/logout')), '400 invalid_request')
})

test('the JWKS publishes the keys that check access tokens, without their private halves', async (t) => {
  const server = await newServer(t)
  const reply = await server.get('/.well-known/jwks.json')
  assert.equal(reply.status, 200)
  assert.deepEqual(headersOf(reply), {
    'content-type': 'application/jwk-set+json',
    'cache-control': 'public, max-age=60',
  })
  const { keys } = reply.body as { keys: Record<string, string>[] }
  assert.equal(keys.length, 1)
  const [{ x, y, kid, ...rest } = {}] = keys
  assert.deepEqual(rest, { kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' })
  for (const coordinate of [x, y]) assert.match(String(coordinate), /^[\w-]{43}$/)
  const { accessToken } = await server.logIn(shop, 'mei')
  assert.deepEqual(decodeProtectedHeader(accessToken), { alg: 'ES256', typ: 'at+jwt', kid })
})

test('/healthz says that the server lives, /readyz whether it is ready', async (t) => {
  const server = await newServer(t)
  for (const [path, status] of [
    ['/healthz', 'ok'],
    ['/readyz', 'ready'],
  ] as const) {
    const reply = await server.get(path)
    assert.equal(reply.status, 200)
    assert.deepEqual(headersOf(reply), UNSTORED)
    assert.deepEqual(reply.body, { status })
    assert.equal((await server.ask('HEAD', path)).status, 200)
  }
})

test('C6 given a database that cannot write, then /healthz is well and /readyz is not', async (t) => {
  const server = await newServer(t, {
    around: {
      store: (store) => ({
        ...store,
        upkeep: { ...store.upkeep, ping: () => Promise.reject(new TypeError('the disk is gone')) },
      }),
    },
  })
  assert.equal((await server.get('/healthz')).status, 200)
  const reply = await server.get('/readyz')
  assert.deepEqual(problemOf(reply), {
    type: '/problems/unavailable',
    title: 'Database away',
    status: 503,
    code: 'unavailable',
    detail: 'The database cannot write. Try again in a moment; a login code stays good.',
    retryAfter: 1,
  })
  assert.equal(reply.headers.get('retry-after'), '1')
  assert.match(server.printed(), /the disk is gone/)
})

test('a refusal is a problem document, with WWW-Authenticate where a token is missing', async (t) => {
  const server = await newServer(t)
  const reply = await server.get('/v1/me')
  assert.deepEqual(problemOf(reply), {
    type: '/problems/token_invalid',
    title: 'Token not valid',
    status: 401,
    code: 'token_invalid',
    detail: 'Send the access token as: Authorization: Bearer …',
  })
  assert.deepEqual(headersOf(reply), {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'www-authenticate': 'Bearer error="invalid_token", error_description="token_invalid"',
  })
})

const ROUTES: Record<string, string[]> = {
  '/v1/login': ['POST'],
  '/v1/refresh': ['POST'],
  '/v1/logout': ['POST'],
  '/v1/me': ['GET', 'DELETE'],
  '/v1/me/sessions': ['GET'],
  '/v1/me/sessions/ses_x': ['DELETE'],
  '/.well-known/jwks.json': ['GET'],
  '/healthz': ['GET'],
  '/readyz': ['GET'],
}

test('T36 every other method answers 405 and names those that are allowed', async (t) => {
  const server = await newServer(t)
  for (const [path, allowed] of Object.entries(ROUTES)) {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'QUERY', 'PROPFIND', 'BREW']) {
      if (allowed.includes(method)) continue
      const reply = await server.ask(method, path)
      assert.deepEqual(
        problemOf(reply),
        {
          type: '/problems/method_not_allowed',
          title: 'Method not allowed',
          status: 405,
          code: 'method_not_allowed',
          detail: `Allowed here: ${allowed.join(', ')}.`,
        },
        `${method} ${path}`,
      )
      assert.equal(reply.headers.get('allow'), allowed.join(', '))
    }
  }
})

test('an unknown path is 404, and the public listener has no operator’s route', async (t) => {
  const server = await newServer(t)
  const absent = [
    '/',
    '/v1',
    '/v1/login/',
    '/V1/login',
    '/v1//login',
    '/admin/v1/apps',
    '/admin/v1/users',
    '/metrics',
    '/_sim/people',
    '/v1/me/',
    '/.env',
    '/v1/login%2f',
    '/__proto__',
    '/constructor',
  ]
  for (const path of absent) {
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      assert.equal(refusalOf(await server.ask(method, path)), '404 not_found', `${method} ${path}`)
    }
  }
})

const PAGE = 'https://shop.example'

test('a page at an app’s origin may call from the browser (CORS), without cookies', async (t) => {
  const server = await newServer(t)
  const preflight = await server.ask('OPTIONS', '/v1/me', {
    headers: { origin: PAGE, 'access-control-request-method': 'DELETE' },
  })
  assert.equal(preflight.status, 204)
  assert.deepEqual(headersOf(preflight), {
    allow: 'GET, DELETE',
    'access-control-allow-origin': PAGE,
    'access-control-allow-methods': 'GET, DELETE',
    'access-control-allow-headers': 'authorization, content-type',
    'access-control-max-age': '600',
    vary: 'origin',
  })
  const { accessToken } = await server.logIn(shop, 'mei')
  const seen = {
    'access-control-allow-origin': PAGE,
    'access-control-expose-headers': 'retry-after, www-authenticate',
    vary: 'origin',
  }
  const call = await server.ask('GET', '/v1/me', { token: accessToken, headers: { origin: PAGE } })
  assert.deepEqual(headersOf(call), { ...UNSTORED, ...seen })
  const refused = await server.ask('GET', '/v1/me', { headers: { origin: PAGE } })
  assert.equal(refused.headers.get('access-control-allow-origin'), PAGE, 'the page must be able to read the refusal')
})

test('T09 a page at any other origin gets no CORS permission, and no answer sets a cookie', async (t) => {
  const server = await newServer(t)
  const { accessToken } = await server.logIn(shop, 'mei')
  const others = ['https://evil.example', 'null', `${PAGE}.evil.example`, 'http://shop.example', `${PAGE}:443`, '*', '']
  for (const origin of [...others, PAGE.toUpperCase(), `${PAGE}/`]) {
    for (const [method, path] of [
      ['OPTIONS', '/v1/login'],
      ['GET', '/v1/me'],
      ['GET', '/nowhere'],
    ] as const) {
      const reply = await server.ask(method, path, { token: accessToken, headers: { origin } })
      const names = [...reply.headers.keys()]
      assert.deepEqual(
        names.filter((name) => /^access-control|cookie/.test(name)),
        [],
        `${origin} ${path}`,
      )
    }
  }
})

test('given an origin that the operator removes, then its pages lose their CORS permission', async (t) => {
  const server = await newServer(t)
  await server.admin('PATCH', `apps/${shop.appId}`, { origins: [] })
  const reply = await server.ask('OPTIONS', '/v1/login', { headers: { origin: PAGE } })
  assert.equal(refusalOf(reply), '403 forbidden')
  assert.ok(![...reply.headers.keys()].some((name) => name.startsWith('access-control')))
})

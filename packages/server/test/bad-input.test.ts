import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoginReply } from '@hufu/contract'
import fc from 'fast-check'
import { club, rival, shop } from './fixture/apps.ts'
import { type Ask, outcomeOf, problemOf, refusalOf } from './fixture/reply.ts'
import { newServer, type TestServer } from './fixture/server.ts'
import { DAY, MINUTE } from './fixture/time.ts'

const LOGIN = '/v1/login'
const UNUSED = { appId: shop.appId, code: 'unused-code' }

/** Requests that are wrong in one way, by what is wrong with each, and what all of them are answered. */
interface Wrong {
  asks: Record<string, Ask>
  refusal: string
  /** The `detail` of the problem; not looked at if absent. */
  detail?: string
}

/** The same wrong for each of some values. */
function each<T>(values: readonly T[], ask: (value: T) => Ask, what = 'the value'): Record<string, Ask> {
  return Object.fromEntries(values.map((value) => [`${what} ${JSON.stringify(value).slice(0, 40)}`, ask(value)]))
}
/** A login with these members over a good one. */
const login = (members: object): Ask => ({ body: { ...UNUSED, ...members } })

const INVALID = '400 invalid_request'
const NOT_AN_OBJECT = 'Expected a JSON object with: appId, code, nonce.'
const UNKNOWN_MEMBER = 'The body has members that are not known here. Known: appId, code, nonce.'
const NO_CODE = 'Wrong or missing: code (text).'
const NO_APP = 'Wrong or missing: appId (text).'

/** Every way to get `POST /v1/login` wrong before WeChat could be asked who it is. */
const WRONG_LOGINS: Wrong[] = [
  {
    refusal: INVALID,
    detail: NOT_AN_OBJECT,
    asks: { 'no body': {}, ...each(['', 'null', '42'], (body) => ({ body })), array: { body: [UNUSED] } },
  },
  { refusal: INVALID, detail: 'Wrong or missing: appId (text); code (text).', asks: { 'empty object': { body: {} } } },
  {
    refusal: INVALID,
    detail: NO_CODE,
    asks: {
      'no code': { body: { appId: shop.appId } },
      ...each(['', 0, 1.5, true, null, [], ['x'], {}, { length: 3 }], (code) => login({ code })),
    },
  },
  {
    refusal: INVALID,
    detail: NO_APP,
    asks: { 'no appId': { body: { code: 'x' } }, 'empty appId': login({ appId: '' }) },
  },
  {
    refusal: INVALID,
    detail: UNKNOWN_MEMBER,
    asks: {
      ...each(['openid', 'unionid', 'userId', 'appid', 'Code', 'session_key', 'x', ''], (name) =>
        login({ [name]: 'o1' }),
      ),
      ...each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'], (name) => ({
        body: `{"appId":"${shop.appId}","code":"x","${name}":{"isNew":true}}`,
      })),
    },
  },
  {
    refusal: INVALID,
    detail: 'Wrong or missing: nonce (text, optional).',
    asks: each(['', 7], (nonce) => login({ nonce })),
  },
  {
    refusal: INVALID,
    detail: 'Wrong: nonce (16 to 64 URL-safe characters).',
    asks: each(['short', 'x'.repeat(65), 'nonce with blanks in it', 'nonce/with+signs=='], (nonce) => login({ nonce })),
  },
  {
    refusal: INVALID,
    detail: 'The body is not valid JSON. Send, as application/json: {"appId": "…", "code": "…"}',
    asks: each(['{', '{"appId":"a"', "{'appId':'a'}", '{"a":1,}', 'undefined', '{"a":1}}', '\0', 'NaN'], (body) => ({
      body,
    })),
  },
  {
    refusal: INVALID,
    detail: 'The body is nested too deeply.',
    asks: each([5000, 11], (depth) => ({ body: `${'['.repeat(depth)}${']'.repeat(depth)}` }), 'depth'),
  },
  {
    refusal: '415 unsupported_media_type',
    asks: each(
      [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/jsonp',
        'application/json; charset=gbk',
        'application/json, text/plain',
        'application/ld+json',
        '*/*',
      ],
      (type) => ({ body: UNUSED, headers: { 'content-type': type } }),
    ),
  },
  {
    refusal: '413 payload_too_large',
    detail: 'The body is larger than 16 KiB.',
    asks: each([17 * 1024, 1024 * 1024], (bytes) => login({ code: 'x'.repeat(bytes) }), 'bytes'),
  },
  {
    refusal: '404 app_unknown',
    detail: 'This server does not know the app. An operator adds it with: hufu app add',
    asks: each(
      [
        'wx0000000000000000',
        'x',
        '*',
        `${shop.appId} `,
        shop.appId.toUpperCase(),
        '__proto__',
        '\0',
        'x'.repeat(10_000),
      ],
      (appId) => login({ appId }),
    ),
  },
  {
    refusal: '401 code_invalid',
    detail: 'This is not a login code. Send the code of wx.login as it is.',
    asks: each(
      [
        'x&appid=wx2',
        'x%26appid=wx2',
        'x\nHost: elsewhere',
        'x\0',
        '😀',
        'x y',
        'x/../y',
        "x' OR 1=1 --",
        '\ud800',
        '微信',
        'x'.repeat(129),
        `y${'x'.repeat(16_000)}`,
      ],
      (code) => login({ code }),
    ),
  },
  {
    refusal: '401 code_invalid',
    detail:
      'This is the mock code of WeChat DevTools or a development code; only a development server takes it. Set a real AppID in the project.',
    asks: each(['the code is a mock one', 'this code is a mock one', 'hufu-dev:xiaoming'], (code) => login({ code })),
  },
]

const countOf = (all: readonly Wrong[]): number => all.reduce((sum, { asks }) => sum + Object.keys(asks).length, 0)

/** Posts every one of them and expects its refusal. */
async function postAll(server: TestServer, path: string, all: readonly Wrong[]): Promise<void> {
  for (const { asks, refusal, detail } of all) {
    for (const [what, ask] of Object.entries(asks)) {
      const reply = await server.ask('POST', path, ask)
      assert.equal(outcomeOf(reply), refusal, `${what}: ${reply.text}`)
      if (detail !== undefined) assert.equal(problemOf(reply).detail, detail, what)
    }
  }
}

test(`T06 given ${countOf(WRONG_LOGINS)} wrong logins, then each problem names what is wrong and WeChat is asked nothing`, async (t) => {
  const server = await newServer(t)
  await postAll(server, LOGIN, WRONG_LOGINS)
  assert.equal(server.wechat.callCount(), 0)
  assert.equal(server.count('users'), 0)
  assert.doesNotMatch(server.printed(), /"level":50/)
})

test('T06 for any code WeChat sees exactly four parameters with our values, or no call at all', async (t) => {
  const server = await newServer(t)
  const posted = new Set<string>()
  const anyCode = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({ unit: fc.constantFrom(...'&=?#%+;/\\ \r\n\0"\'<>.-_aZ0'), maxLength: 200 }),
    fc.stringMatching(/^[\w-]{1,130}$/),
  )
  await fc.assert(
    fc.asyncProperty(anyCode, async (code) => {
      const before = server.wechat.callCount()
      const reply = await server.post(LOGIN, { appId: shop.appId, code })
      assert.ok(reply.status >= 400 && reply.status < 500)
      const [called] = server.wechat.calls().slice(before)
      if (!/^[\w-]{1,128}$/.test(code) || posted.has(code)) return assert.equal(called, undefined)
      posted.add(code)
      assert.equal(called?.path, '/sns/jscode2session')
      assert.deepEqual(called.query, [
        ['appid', shop.appId],
        ['secret', '[secret]'],
        ['js_code', code],
        ['grant_type', 'authorization_code'],
      ])
    }),
    { numRuns: 300 },
  )
})

test('a code that WeChat does not know, that is old, or of another app is refused, after one call each', async (t) => {
  const server = await newServer(t)
  const old = server.code(shop, 'mei')
  server.advance(5 * MINUTE)
  for (const code of ['never-made', old, server.code(club, 'mei'), server.code(rival, 'mei')]) {
    const before = server.wechat.callCount()
    const reply = await server.post(LOGIN, { appId: shop.appId, code })
    assert.deepEqual(problemOf(reply), {
      type: '/problems/code_invalid',
      title: 'Code not valid',
      status: 401,
      code: 'code_invalid',
      detail:
        'WeChat does not know this code, it is older than five minutes, or it was made for another app. Call wx.login again and send the new code.',
    })
    assert.equal(server.wechat.callCount(), before + 1)
  }
  assert.equal(server.count('users'), 0)
})

test('a code that somebody used elsewhere is spent', async (t) => {
  const server = await newServer(t)
  const code = server.code(shop, 'mei')
  const { appId, secret } = shop
  const query = new URLSearchParams({ appid: appId, secret, js_code: code, grant_type: 'authorization_code' })
  server.wechat.answer('GET', `/sns/jscode2session?${query}`)
  const reply = await server.post(LOGIN, { appId, code })
  assert.deepEqual(problemOf(reply), {
    type: '/problems/code_spent',
    title: 'Code used',
    status: 401,
    code: 'code_spent',
    detail: 'This code was used. Call wx.login again and send the new code.',
  })
})

test('a development server takes the mock code of DevTools, again and again, as one person', async (t) => {
  const server = await newServer(t, { settings: { HUFU_MODE: 'development' }, simulator: { devCodes: true } })
  const users = new Set<string>()
  for (const code of ['the code is a mock one', 'the code is a mock one', 'this code is a mock one']) {
    const reply = await server.post(LOGIN, { appId: shop.appId, code })
    assert.equal(reply.status, 200, reply.text)
    users.add((reply.body as LoginReply).user.id)
  }
  for (const code of ['hufu-dev:xiaoming', 'hufu-dev:xiaoming', 'hufu-dev:小明']) {
    const reply = await server.post(LOGIN, { appId: shop.appId, code })
    users.add((reply.body as LoginReply).user.id)
  }
  assert.equal(users.size, 3)
  for (const code of [
    'hufu-dev:',
    `hufu-dev:${'x'.repeat(65)}`,
    'hufu-dev:a&b',
    'hufu-dev:a\nb',
    'the code is a mock one ',
  ]) {
    assert.equal(refusalOf(await server.post(LOGIN, { appId: shop.appId, code })), '401 code_invalid', code)
  }
})

const WRONG_CREDENTIALS: Record<string, Wrong[]> = {
  '/v1/refresh': [
    {
      refusal: INVALID,
      asks: {
        'no body': {},
        ...each(['', 5, ['a']], (refreshToken) => ({ body: { refreshToken } })),
        'unknown member': { body: { refreshToken: 'a', userId: 'usr_1' } },
        'the name that OAuth uses': { body: { refresh_token: 'a' } },
      },
    },
    {
      refusal: '401 token_invalid',
      asks: each(['a.b', 'a'.repeat(15_000), 'ses_\0.x'], (refreshToken) => ({ body: { refreshToken } })),
    },
    {
      refusal: '415 unsupported_media_type',
      asks: {
        form: { body: 'refreshToken=a', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      },
    },
  ],
  '/v1/logout': [
    { refusal: INVALID, asks: { nothing: {}, both: { token: 'a.b.c', body: { refreshToken: 'a.b' } } } },
    {
      refusal: '401 token_invalid',
      asks: {
        'no refresh token of ours': { body: { refreshToken: 'a.b' } },
        'no access token of ours': { token: 'a.b.c' },
        'another scheme': { headers: { authorization: 'Basic YTpi' } },
      },
    },
  ],
}
for (const [path, all] of Object.entries(WRONG_CREDENTIALS)) {
  test(`given ${countOf(all)} wrong calls of ${path}, then each gets its problem`, async (t) => {
    await postAll(await newServer(t), path, all)
  })
}

test('a token travels in the Authorization header, once, and nowhere else', async (t) => {
  const server = await newServer(t)
  const { accessToken } = await server.logIn(shop, 'mei')
  const asked: [path: string, headers: Record<string, string>, expected: string][] = [
    ['/v1/me', { authorization: `Bearer ${accessToken}` }, '200'],
    ['/v1/me', { authorization: `bearer ${accessToken}` }, '200'],
    ['/v1/me', { authorization: `Bearer  ${accessToken}` }, '401 token_invalid'],
    ['/v1/me', { authorization: accessToken }, '401 token_invalid'],
    ['/v1/me', { authorization: `Token ${accessToken}` }, '401 token_invalid'],
    ['/v1/me', { authorization: `Bearer ${accessToken}, Bearer ${accessToken}` }, '401 token_invalid'],
    ['/v1/me', { authorization: `Bearer ${accessToken} ` }, '200'], // HTTP itself takes the blank off
    ['/v1/me', { authorization: 'Bearer' }, '401 token_invalid'],
    ['/v1/me', { cookie: `access_token=${accessToken}` }, '401 token_invalid'],
    ['/v1/me', { 'x-authorization': `Bearer ${accessToken}` }, '401 token_invalid'],
    [`/v1/me?access_token=${accessToken}`, {}, '400 invalid_request'],
    [`/v1/me?access_token=${accessToken}`, { authorization: `Bearer ${accessToken}` }, '400 invalid_request'],
  ]
  for (const [path, headers, expected] of asked) {
    assert.equal(outcomeOf(await server.ask('GET', path, { headers })), expected, JSON.stringify(headers).slice(0, 40))
  }
})

test('T03 given the id of another user in any header, query or body of any route, then nobody becomes that user', async (t) => {
  const server = await newServer(t)
  const mei = await server.logIn(shop, 'mei')
  const bo = await server.logIn(shop, 'bo')
  const named: Record<string, string> = {
    userId: bo.user.id,
    user_id: bo.user.id,
    sub: bo.user.id,
    openid: bo.openid ?? '',
    unionid: bo.unionid ?? '',
    sessionId: bo.refreshToken.split('.')[0] ?? '',
    realm: 'rival',
  }
  const { accessToken: token } = mei
  for (const [name, value] of Object.entries(named)) {
    for (const header of [name, `x-${name}`, `x-wx-${name}`, 'cookie']) {
      const headers = { [header]: header === 'cookie' ? `${name}=${value}` : value }
      for (const path of ['/v1/me', '/v1/me/sessions']) {
        const reply = await server.ask('GET', path, { token, headers })
        assert.equal(reply.status, 200)
        for (const his of [bo.user.id, bo.openid, bo.unionid]) assert.ok(!reply.text.includes(his ?? '-'), header)
      }
      const login = await server.post(LOGIN, { appId: club.appId, code: server.code(club, 'mei') }, { headers })
      assert.equal((login.body as LoginReply).user.id, mei.user.id, header)
    }
    for (const more of [{ [name]: value }, { user: { [name]: value } }]) {
      const code = server.code(shop, 'mei')
      assert.equal(outcomeOf(await server.post(LOGIN, { appId: shop.appId, code, ...more })), '400 invalid_request')
      const refresh = { refreshToken: mei.refreshToken, ...more }
      assert.equal(outcomeOf(await server.post('/v1/refresh', refresh)), '400 invalid_request')
      assert.equal(outcomeOf(await server.post('/v1/logout', refresh)), '400 invalid_request')
    }
    for (const path of ['/v1/me', '/v1/me/sessions']) {
      const stray = await server.get(`${path}?${name}=${value}`, token)
      assert.equal(outcomeOf(stray), '400 invalid_request', 'refused, not ignored')
    }
  }
  assert.equal((await server.get('/v1/me', bo.accessToken)).status, 200)
  assert.equal(server.count('users'), 2)
})

test('T03 T04 given the headers of WeChat’s gateway in thirty spellings, then nobody is signed in on the public listener', async (t) => {
  const server = await newServer(t)
  const bo = await server.logIn(shop, 'bo')
  const spellings = [
    'x-wx-openid',
    'X-WX-OPENID',
    'x_wx_openid',
    'x-wx-unionid',
    'x-wx-from-openid',
    'x-wx-appid',
  ].flatMap((name) => [name, name.toUpperCase(), name.replaceAll('-', '_'), `${name}-`, `http-${name}`])
  assert.equal(spellings.length, 30)
  for (const name of spellings) {
    const headers = { [name]: bo.openid ?? '', 'x-wx-source': 'wx_client' }
    assert.equal(outcomeOf(await server.post(LOGIN, { appId: shop.appId }, { headers })), '400 invalid_request')
    assert.equal(outcomeOf(await server.ask('GET', '/v1/me', { headers })), '401 token_invalid')
  }
  assert.equal(server.wechat.callCount(), 1)
})

test('T03 given a body on a route that takes none, then it is refused or ignored, never believed', async (t) => {
  const server = await newServer(t)
  const mei = await server.logIn(shop, 'mei')
  const bo = await server.logIn(shop, 'bo')
  const logout = await server.post('/v1/logout', { userId: bo.user.id }, { token: mei.accessToken })
  assert.equal(outcomeOf(logout), '400 invalid_request')
  const gone = await server.ask('DELETE', '/v1/me', { token: mei.accessToken, body: { userId: bo.user.id } })
  assert.equal(outcomeOf(gone), '400 invalid_request')
  for (const { accessToken } of [bo, mei]) assert.equal((await server.get('/v1/me', accessToken)).status, 200)
})

test('query strings are refused wherever they are not asked for', async (t) => {
  const server = await newServer(t)
  const { accessToken: token } = await server.logIn(shop, 'mei')
  for (const [method, path] of [
    ['POST', '/v1/login'],
    ['POST', '/v1/refresh'],
    ['POST', '/v1/logout'],
    ['GET', '/v1/me'],
    ['DELETE', '/v1/me'],
    ['GET', '/v1/me/sessions'],
    ['DELETE', '/v1/me/sessions/ses_x'],
  ] as const) {
    for (const query of ['?code=x', '?x', '?%00=1', '?a=1&a=2', '?__proto__[x]=1']) {
      const reply = await server.ask(method, path + query, { token })
      assert.equal(outcomeOf(reply), '400 invalid_request', path + query)
      assert.equal(problemOf(reply).detail, 'Query parameters known here: none, each once.')
    }
  }
  assert.equal((await server.ask('GET', '/v1/me?', { token })).status, 200, 'an empty query says nothing')
  assert.equal(server.rows('SELECT 1 FROM sessions WHERE ended IS NULL').length, 1)
})

test('given a session that is over, then access and refresh tokens are answered token_expired', async (t) => {
  const server: TestServer = await newServer(t)
  const { accessToken, refreshToken } = await server.logIn(shop, 'mei')
  server.advance(31 * DAY)
  assert.equal(outcomeOf(await server.get('/v1/me', accessToken)), '401 token_expired')
  assert.equal(outcomeOf(await server.post('/v1/refresh', { refreshToken })), '401 token_expired')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { club, codeToSession, get, loner, MORNING, newSimulator, news, read, shop, site } from './fixture.ts'

test('a code becomes session_key, openid and unionid, in that order and in one compact line', () => {
  const simulator = newSimulator()
  const reply = simulator.answer('GET', codeToSession(simulator.login(shop.appId, 'mei')))
  const openid = simulator.openid(shop.appId, 'mei')
  const key = simulator.sessionKey(shop.appId, 'mei')
  assert.equal(
    reply.body,
    `{"session_key":"${key}","openid":"${openid}","unionid":"${simulator.unionid(shop.appId, 'mei')}"}`,
  )
  assert.equal(reply.status, 200)
  assert.equal(reply.contentType, 'text/plain')
})

test('an app of no Open Platform account gets no unionid field at all', () => {
  const simulator = newSimulator()
  const reply = simulator.answer('GET', codeToSession(simulator.login(loner.appId, 'mei'), loner))
  assert.deepEqual(Object.keys(read(reply)), ['session_key', 'openid'])
})

test('a refusal is errcode, then errmsg with a request id that starts with the time in hexadecimal', () => {
  const simulator = newSimulator()
  const { status, contentType, body } = simulator.answer('GET', codeToSession('unknown'))
  assert.match(String(body), /^\{"errcode":40029,"errmsg":"invalid code, rid: 66c69111-[0-9a-f]{8}-[0-9a-f]{8}"\}$/)
  assert.equal(Buffer.byteLength(body), 74) // as long as the quoted reply
  assert.deepEqual([status, contentType], [200, 'text/plain'])
})

test('other families of paths write the request id without a comma and call their JSON by its name', () => {
  const { contentType, body } = newSimulator().answer('GET', '/cgi-bin/token')
  assert.match(String(body), /^\{"errcode":40002,"errmsg":"invalid grant_type rid: 66c69111-[\da-f]{8}-[\da-f]{8}"\}$/)
  assert.equal(contentType, 'application/json; encoding=utf-8')
})

for (const [suffix, sns, other] of [
  ['hints', /^invalid code, hints: \[ req_id: \w+ \]$/, /^invalid url hint: \[\w+\]$/],
  ['none', /^invalid code$/, /^invalid url$/],
] as const) {
  test(`the request id can be written in another style: ${suffix}`, () => {
    const simulator = newSimulator({ suffix })
    assert.match(String(read(simulator.answer('GET', codeToSession('unknown'))).errmsg), sns)
    assert.match(String(read(simulator.answer('GET', '/nowhere')).errmsg), other)
  })
}

/** Each row repairs the fault of the row before and has the next one. */
const order: [string, Record<string, string>, number, string][] = [
  ['no parameters', {}, 41002, 'appid missing'],
  ['no secret', { appid: 'wxunknown' }, 41004, 'appsecret missing'],
  ['no code', { secret: 'wrong' }, 41008, 'missing code'],
  ['no grant_type', { js_code: 'unknown' }, 40002, 'invalid grant_type'],
  ['a grant_type with a stray semicolon', { grant_type: 'authorization_code;' }, 40002, 'invalid grant_type'],
  ['an unknown app', { grant_type: 'authorization_code' }, 40013, 'invalid appid'],
  ['a wrong secret', { appid: shop.appId }, 40125, 'invalid appsecret'],
  ['an unknown code', { secret: shop.secret }, 40029, 'invalid code'],
]
test('jscode2session answers the first of several mistakes', () => {
  const simulator = newSimulator()
  let fields = {}
  for (const [what, change, errcode, text] of order) {
    fields = { ...fields, ...change }
    const { errcode: said, errmsg } = read(simulator.answer('GET', get('/sns/jscode2session', fields)))
    assert.equal(said, errcode, what)
    assert.equal(String(errmsg).split(', rid')[0], text, what)
  }
})

test('an empty parameter is a missing one', () => {
  const simulator = newSimulator()
  const reply = simulator.answer('GET', codeToSession('', shop))
  assert.equal(reply.errcode, 41008)
})

test('a frozen AppSecret is answered before a wrong one, and works again when unfrozen', () => {
  const simulator = newSimulator()
  const code = simulator.login(shop.appId, 'mei')
  simulator.addApp({ ...shop, frozen: true })
  assert.equal(simulator.answer('GET', codeToSession(code, { ...shop, secret: 'wrong' })).errcode, 40243)
  simulator.addApp({ ...shop, frozen: false })
  assert.equal(simulator.answer('GET', codeToSession(code)).errcode, undefined)
})

test('a replaced AppSecret is refused at once', () => {
  const simulator = newSimulator()
  const code = simulator.login(shop.appId, 'mei')
  simulator.addApp({ ...shop, secret: 'new' })
  assert.equal(simulator.answer('GET', codeToSession(code)).errcode, 40125)
  assert.equal(simulator.answer('GET', codeToSession(code, { ...shop, secret: 'new' })).errcode, undefined)
})

test('a code works once', () => {
  const simulator = newSimulator()
  const code = simulator.login(shop.appId, 'mei')
  assert.equal(simulator.answer('GET', codeToSession(code)).errcode, undefined)
  assert.equal(simulator.answer('GET', codeToSession(code)).errcode, 40163)
})

test('a code works for 300 seconds, and afterwards it is unknown, used or not', () => {
  const simulator = newSimulator()
  const [used, early, late] = [1, 2, 3].map(() => simulator.login(shop.appId, 'mei'))
  simulator.answer('GET', codeToSession(used ?? ''))
  simulator.advance(299.999)
  assert.equal(simulator.answer('GET', codeToSession(early ?? '')).errcode, undefined)
  simulator.advance(0.001)
  assert.equal(simulator.answer('GET', codeToSession(late ?? '')).errcode, 40029)
  assert.equal(simulator.answer('GET', codeToSession(used ?? '')).errcode, 40029)
  simulator.login(shop.appId, 'mei') // sweeps the old ones
  assert.equal(simulator.answer('GET', codeToSession(late ?? '')).errcode, 40029)
})

test('a code belongs to one app and one use: no other app and no other endpoint takes it', () => {
  const simulator = newSimulator()
  const [mini, oauth, phone] = [
    simulator.login(shop.appId, 'mei'),
    simulator.login(news.appId, 'mei'),
    simulator.phoneCode(shop.appId, 'mei'),
  ]
  assert.equal(simulator.answer('GET', codeToSession(mini, club)).errcode, 40029)
  assert.equal(simulator.answer('GET', codeToSession(oauth, news)).errcode, 40029)
  assert.equal(simulator.answer('GET', codeToSession(phone)).errcode, 40029)
  assert.equal(simulator.answer('GET', codeToSession(mini)).errcode, undefined)
})

test('a failed call does not spend the code', () => {
  const simulator = newSimulator()
  const code = simulator.login(shop.appId, 'mei')
  simulator.answer('GET', codeToSession(code, { ...shop, secret: 'wrong' }))
  simulator.answer('GET', codeToSession(code, club))
  assert.equal(simulator.answer('GET', codeToSession(code)).errcode, undefined)
})

test('a person of high risk is blocked, and may use the code once the risk is gone', () => {
  const simulator = newSimulator()
  const code = simulator.login(shop.appId, 'mei')
  simulator.addPerson({ name: 'mei', risk: 'blocked' })
  assert.equal(simulator.answer('GET', codeToSession(code)).errcode, 40226)
  simulator.addPerson({ name: 'mei', risk: 'normal' })
  assert.equal(simulator.answer('GET', codeToSession(code)).errcode, undefined)
})

test('one person has 100 logins a minute in one app, and nobody else is limited by them', () => {
  const simulator = newSimulator()
  const login = () => simulator.answer('GET', codeToSession(simulator.login(shop.appId, 'mei'))).errcode
  for (let i = 0; i < 100; i++) assert.equal(login(), undefined)
  assert.equal(login(), 45011)
  assert.equal(simulator.answer('GET', codeToSession(simulator.login(shop.appId, 'bo'))).errcode, undefined)
  assert.equal(simulator.answer('GET', codeToSession(simulator.login(club.appId, 'mei'), club)).errcode, undefined)
  simulator.advance(60)
  assert.equal(login(), undefined)
})

test('the minute quota can be switched off', () => {
  const simulator = newSimulator({ callsPerMinute: 0 })
  for (let i = 0; i < 150; i++) {
    assert.equal(simulator.answer('GET', codeToSession(simulator.login(shop.appId, 'mei'))).errcode, undefined)
  }
})

test('parameters in a POST body are not seen; a POST with a query is the wrong method', () => {
  const simulator = newSimulator()
  const [path, query] = codeToSession(simulator.login(shop.appId, 'mei')).split('?')
  assert.equal(simulator.answer('POST', path ?? '', query).errcode, 41002)
  assert.equal(simulator.answer('POST', `${path}?${query}`).errcode, 43001)
})

test('an unknown path is an invalid url', () => {
  assert.equal(read(newSimulator().answer('GET', '/sns/jscode2sessions?appid=x')).errcode, 40066)
})

test('an extra parameter is tolerated', () => {
  const simulator = newSimulator()
  const code = simulator.login(shop.appId, 'mei')
  assert.equal(simulator.answer('GET', codeToSession(code, shop, { access_token: 'x' })).errcode, undefined)
})

test('given one code redeemed twice at once over HTTP, then one gets the person and one 40163', async (t) => {
  const simulator = newSimulator()
  const listener = await simulator.listen()
  t.after(listener.close)
  const url = listener.url + codeToSession(simulator.login(shop.appId, 'mei'))
  const bodies = await Promise.all(Array.from({ length: 20 }, async () => JSON.parse(await (await fetch(url)).text())))
  assert.equal(bodies.filter(({ openid }) => openid === simulator.openid(shop.appId, 'mei')).length, 1)
  assert.equal(bodies.filter(({ errcode }) => errcode === 40163).length, 19)
})

test('over HTTP the answer says text/plain, its length and its date, and the connection stays', async (t) => {
  const simulator = newSimulator()
  const listener = await simulator.listen()
  t.after(listener.close)
  const reply = await fetch(listener.url + codeToSession('unknown'))
  assert.equal(reply.status, 200)
  assert.equal(reply.headers.get('content-type'), 'text/plain')
  assert.equal(reply.headers.get('content-length'), '74')
  assert.equal(reply.headers.get('connection'), 'keep-alive')
})

test('development codes name a person, work as often as one likes, and in any mini program', () => {
  const simulator = newSimulator({ devCodes: true })
  for (const app of [shop, club]) {
    for (const code of ['hufu-dev:lan', 'hufu-dev:lan', 'the code is a mock one', 'this code is a mock one']) {
      const name = code.startsWith('hufu-dev:') ? 'lan' : 'devtools'
      assert.equal(read(simulator.answer('GET', codeToSession(code, app))).openid, simulator.openid(app.appId, name))
    }
  }
  assert.equal(simulator.answer('GET', codeToSession('hufu-dev:', shop)).errcode, 40029)
  assert.equal(simulator.answer('GET', codeToSession('hufu-dev:lan', news)).errcode, 40029)
  assert.equal(simulator.answer('GET', codeToSession('hufu-dev:lan', site)).errcode, 40029)
})

test('without devCodes a development code is unknown, and no person is made', () => {
  const simulator = newSimulator()
  for (const code of ['hufu-dev:mei', 'the code is a mock one']) {
    assert.equal(simulator.answer('GET', codeToSession(code)).errcode, 40029)
  }
  assert.throws(() => simulator.openid(shop.appId, 'devtools'), /No person "devtools"/)
})

test('the simulator’s clock can be moved forward and back', () => {
  const simulator = newSimulator()
  simulator.advance(600)
  simulator.advance(-1200)
  assert.equal(simulator.now(), MORNING - 600_000)
})

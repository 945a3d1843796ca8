import assert from 'node:assert/strict'
import { test } from 'node:test'
import { get, newSimulator, news, oauthToken, read, shop } from './fixture.ts'

type TestSimulator = ReturnType<typeof newSimulator>

const client = { grant_type: 'client_credential', appid: shop.appId, secret: shop.secret }
const classic = (simulator: TestSimulator, fields = {}) =>
  simulator.answer('GET', get('/cgi-bin/token', { ...client, ...fields }))
const stable = (simulator: TestSimulator, fields = {}) =>
  simulator.answer('POST', '/cgi-bin/stable_token', JSON.stringify({ ...client, ...fields }))
const tokenOf = (reply: ReturnType<typeof classic>) => String(read(reply).access_token)
/** What WeChat thinks of a token: an unknown openid means that the token itself was good. */
const judge = (simulator: TestSimulator, access_token: string) =>
  simulator.answer('GET', get('/wxa/checksession', { access_token, openid: 'oNobody' })).errcode
const good = 40003

test('/cgi-bin/token makes a new access_token each time, and the one before lives five minutes more', () => {
  const simulator = newSimulator()
  const first = tokenOf(classic(simulator))
  simulator.advance(1000)
  const second = tokenOf(classic(simulator))
  assert.notEqual(first, second)
  assert.deepEqual([judge(simulator, first), judge(simulator, second)], [good, good])
  simulator.advance(300)
  assert.deepEqual([judge(simulator, first), judge(simulator, second)], [40001, good])
  simulator.advance(6900)
  assert.deepEqual([judge(simulator, first), judge(simulator, second)], [42001, 42001])
})

test('/cgi-bin/stable_token answers the same token until its last five minutes, then both live on', () => {
  const simulator = newSimulator()
  const first = read(stable(simulator))
  assert.equal(first.expires_in, 7200)
  simulator.advance(6899)
  assert.deepEqual(read(stable(simulator)), { access_token: first.access_token, expires_in: 301 })
  simulator.advance(1)
  const second = tokenOf(stable(simulator))
  assert.notEqual(second, first.access_token)
  assert.deepEqual([judge(simulator, String(first.access_token)), judge(simulator, second)], [good, good])
  simulator.advance(300)
  assert.deepEqual([judge(simulator, String(first.access_token)), judge(simulator, second)], [42001, good])
})

test('force_refresh ends the stable token at once, at most every 30 seconds and 20 times a day', () => {
  const simulator = newSimulator()
  const force = () => stable(simulator, { force_refresh: true })
  const first = tokenOf(stable(simulator))
  const second = tokenOf(force())
  assert.deepEqual([judge(simulator, first), judge(simulator, second)], [40001, good])
  simulator.advance(29)
  assert.equal(tokenOf(force()), second)
  for (let i = 1; i < 20; i++) {
    simulator.advance(30)
    assert.notEqual(tokenOf(force()), second)
  }
  simulator.advance(30)
  assert.equal(force().errcode, 45009)
  simulator.advance(24 * 3600)
  assert.equal(force().errcode, undefined)
})

test('/cgi-bin/token and /cgi-bin/stable_token do not end each other’s tokens', () => {
  const simulator = newSimulator()
  const tokens = [
    tokenOf(stable(simulator)),
    tokenOf(classic(simulator)),
    tokenOf(stable(simulator, { force_refresh: true })),
  ]
  assert.deepEqual(
    tokens.map((token) => judge(simulator, token)),
    [40001, good, good],
  )
})

test('/cgi-bin/token answers what is wrong with the AppID, the secret or the grant type', () => {
  const simulator = newSimulator()
  for (const ask of [classic, stable]) {
    assert.equal(ask(simulator, { grant_type: 'x' }).errcode, 40002)
    assert.equal(ask(simulator, { appid: '' }).errcode, 41002)
    assert.equal(ask(simulator, { secret: '' }).errcode, 41004)
    assert.equal(ask(simulator, { appid: 'wxnone' }).errcode, 40013)
    assert.equal(ask(simulator, { secret: 'wrong' }).errcode, 40125)
  }
  simulator.addApp({ ...shop, frozen: true })
  assert.equal(classic(simulator).errcode, 40243)
})

test('access_token calls with a wrong method or body are answered with their errcode', () => {
  const simulator = newSimulator()
  assert.equal(simulator.answer('POST', get('/cgi-bin/token', client)).errcode, 43001)
  assert.equal(simulator.answer('GET', '/cgi-bin/stable_token').errcode, 43002)
  for (const [body, errcode] of [
    ['', 44002],
    ['a=b', 47001],
    ['[]', 47001],
    ['null', 47001],
  ] as const) {
    assert.equal(simulator.answer('POST', '/cgi-bin/stable_token', body).errcode, errcode)
  }
})

test('a missing, malformed, unknown or user’s access_token is refused where an app’s is asked for', () => {
  const simulator = newSimulator()
  const personal = String(read(simulator.answer('GET', oauthToken(simulator.login(news.appId, 'mei')))).access_token)
  const said = ['', 'no token', '99_unknown', personal].map((token) => judge(simulator, token))
  assert.deepEqual(said, [41001, 40014, 40001, 40001])
})

test('a phone code becomes the number, once, within five minutes, for its app, and for its openid if one is named', () => {
  const simulator = newSimulator()
  simulator.addPerson({ name: 'mei', phone: '13580006666' })
  const access_token = tokenOf(stable(simulator))
  const ask = (code: unknown, fields = {}) =>
    simulator.answer(
      'POST',
      get('/wxa/business/getuserphonenumber', { access_token }),
      JSON.stringify({ code, ...fields }),
    )
  const openid = simulator.openid(shop.appId, 'mei')
  const code = simulator.phoneCode(shop.appId, 'mei')
  assert.match(code, /^[0-9a-f]{64}$/)

  assert.equal(ask(code, { openid: simulator.openid(shop.appId, 'bo') }).errcode, 40003)
  const { errcode, phone_info } = read(ask(code, { openid }))
  assert.deepEqual(
    [errcode, phone_info],
    [
      0,
      {
        phoneNumber: '13580006666',
        purePhoneNumber: '13580006666',
        countryCode: '86',
        watermark: { timestamp: 0x66c69111, appid: shop.appId },
      },
    ],
  )
  assert.match(String(read(ask(code)).errmsg), /^invalid code hint: \[\w+\] rid: 66c69111-/)
  assert.equal(ask(simulator.login(shop.appId, 'mei')).errcode, 40029)
  assert.equal(ask('').errcode, 41008)
  const late = simulator.phoneCode(shop.appId, 'mei')
  simulator.advance(300)
  assert.equal(ask(late).errcode, 40029)
  assert.throws(() => simulator.phoneCode(news.appId, 'mei'), /Only a mini program/)
})

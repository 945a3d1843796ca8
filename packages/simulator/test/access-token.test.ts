import assert from 'node:assert/strict'
import { test } from 'node:test'
import { get, news, newWorld, oauthToken, read, shop } from './new-world.ts'

type World = ReturnType<typeof newWorld>

const client = { grant_type: 'client_credential', appid: shop.appId, secret: shop.secret }
const classic = (world: World, fields = {}) => world.answer('GET', get('/cgi-bin/token', { ...client, ...fields }))
const stable = (world: World, fields = {}) =>
  world.answer('POST', '/cgi-bin/stable_token', JSON.stringify({ ...client, ...fields }))
const tokenOf = (reply: ReturnType<typeof classic>) => String(read(reply).access_token)
/** What WeChat thinks of a token: an unknown openid means that the token itself was good. */
const judge = (world: World, access_token: string) =>
  world.answer('GET', get('/wxa/checksession', { access_token, openid: 'oNobody' })).errcode
const good = 40003

test('/cgi-bin/token makes a new access_token each time, and the one before lives five minutes more', () => {
  const world = newWorld()
  const first = tokenOf(classic(world))
  world.advance(1000)
  const second = tokenOf(classic(world))
  assert.notEqual(first, second)
  assert.deepEqual([judge(world, first), judge(world, second)], [good, good])
  world.advance(300)
  assert.deepEqual([judge(world, first), judge(world, second)], [40001, good])
  world.advance(6900)
  assert.deepEqual([judge(world, first), judge(world, second)], [42001, 42001])
})

test('/cgi-bin/stable_token answers the same token until its last five minutes, then both live on', () => {
  const world = newWorld()
  const first = read(stable(world))
  assert.equal(first.expires_in, 7200)
  world.advance(6899)
  assert.deepEqual(read(stable(world)), { access_token: first.access_token, expires_in: 301 })
  world.advance(1)
  const second = tokenOf(stable(world))
  assert.notEqual(second, first.access_token)
  assert.deepEqual([judge(world, String(first.access_token)), judge(world, second)], [good, good])
  world.advance(300)
  assert.deepEqual([judge(world, String(first.access_token)), judge(world, second)], [42001, good])
})

test('force_refresh ends the stable token at once, at most every 30 seconds and 20 times a day', () => {
  const world = newWorld()
  const force = () => stable(world, { force_refresh: true })
  const first = tokenOf(stable(world))
  const second = tokenOf(force())
  assert.deepEqual([judge(world, first), judge(world, second)], [40001, good])
  world.advance(29)
  assert.equal(tokenOf(force()), second)
  for (let i = 1; i < 20; i++) {
    world.advance(30)
    assert.notEqual(tokenOf(force()), second)
  }
  world.advance(30)
  assert.equal(force().errcode, 45009)
  world.advance(24 * 3600)
  assert.equal(force().errcode, undefined)
})

test('/cgi-bin/token and /cgi-bin/stable_token do not end each other’s tokens', () => {
  const world = newWorld()
  const tokens = [tokenOf(stable(world)), tokenOf(classic(world)), tokenOf(stable(world, { force_refresh: true }))]
  assert.deepEqual(
    tokens.map((token) => judge(world, token)),
    [40001, good, good],
  )
})

test('/cgi-bin/token answers what is wrong with the AppID, the secret or the grant type', () => {
  const world = newWorld()
  for (const ask of [classic, stable]) {
    assert.equal(ask(world, { grant_type: 'x' }).errcode, 40002)
    assert.equal(ask(world, { appid: '' }).errcode, 41002)
    assert.equal(ask(world, { secret: '' }).errcode, 41004)
    assert.equal(ask(world, { appid: 'wxnone' }).errcode, 40013)
    assert.equal(ask(world, { secret: 'wrong' }).errcode, 40125)
  }
  world.addApp({ ...shop, frozen: true })
  assert.equal(classic(world).errcode, 40243)
})

test('access_token calls with a wrong method or body are answered with their errcode', () => {
  const world = newWorld()
  assert.equal(world.answer('POST', get('/cgi-bin/token', client)).errcode, 43001)
  assert.equal(world.answer('GET', '/cgi-bin/stable_token').errcode, 43002)
  for (const [body, errcode] of [
    ['', 44002],
    ['a=b', 47001],
    ['[]', 47001],
    ['null', 47001],
  ] as const) {
    assert.equal(world.answer('POST', '/cgi-bin/stable_token', body).errcode, errcode)
  }
})

test('a missing, malformed, unknown or user’s access_token is refused where an app’s is asked for', () => {
  const world = newWorld()
  const personal = String(read(world.answer('GET', oauthToken(world.login(news.appId, 'mei')))).access_token)
  const said = ['', 'no token', '99_unknown', personal].map((token) => judge(world, token))
  assert.deepEqual(said, [41001, 40014, 40001, 40001])
})

test('a phone code becomes the number, once, within five minutes, for its app, and for its openid if one is named', () => {
  const world = newWorld()
  world.addPerson({ name: 'mei', phone: '13580006666' })
  const access_token = tokenOf(stable(world))
  const ask = (code: unknown, fields = {}) =>
    world.answer('POST', get('/wxa/business/getuserphonenumber', { access_token }), JSON.stringify({ code, ...fields }))
  const openid = world.openid(shop.appId, 'mei')
  const code = world.phoneCode(shop.appId, 'mei')
  assert.match(code, /^[0-9a-f]{64}$/)

  assert.equal(ask(code, { openid: world.openid(shop.appId, 'bo') }).errcode, 40003)
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
  assert.equal(ask(world.login(shop.appId, 'mei')).errcode, 40029)
  assert.equal(ask('').errcode, 41008)
  const late = world.phoneCode(shop.appId, 'mei')
  world.advance(300)
  assert.equal(ask(late).errcode, 40029)
  assert.throws(() => world.phoneCode(news.appId, 'mei'), /Only a mini program/)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signMessage } from '../src/index.ts'
import { codeToSession, get, newWorld, read, shop } from './new-world.ts'

const vectors = [
  ['o0q0otL8aEzpcZL/FT9WsQ==', '{"foo":"bar"}', '654571f79995b2ce1e149e53c0a33dc39c0a74090db514261454e8dbe432aa0b'],
  ['o0q0otL8aEzpcZL/FT9WsQ==', '', '46e043c5525c2d817c44be603d30837a808a1d930d038f6fdc3e62a201fed128'],
  ['HyVFkGl5F5OQWJZZaNzBBg==', '', '252b75c92698025afe925b29cca5517fdf9ee67aae072cf3225ebf3a53783058'],
  ['tiihtNczf5v6AKRyjwEUhQ==', '', '7154f9f8b4b76b92f541cbf0e37d48840fa06e5e42da92a6f80168a1516a4735'],
] as const

for (const [key, message, signature] of vectors) {
  test(`the official signature of ${JSON.stringify(message)} under ${key}`, () => {
    assert.equal(signMessage(key, message), signature)
  })
}

test('a session_key is base64 of 16 bytes', () => {
  const world = newWorld()
  world.login(shop.appId, 'mei')
  const key = world.sessionKey(shop.appId, 'mei') ?? ''
  assert.match(key, /^[A-Za-z0-9+/]{22}==$/)
  assert.equal(Buffer.from(key, 'base64').length, 16)
})

test('a quick repeat of wx.login keeps the session_key, one after 60 seconds replaces it', () => {
  const world = newWorld()
  const keyAfterLogin = () => {
    world.login(shop.appId, 'mei')
    return world.sessionKey(shop.appId, 'mei')
  }
  const first = keyAfterLogin()
  world.advance(59.999)
  assert.equal(keyAfterLogin(), first)
  world.advance(0.001)
  assert.notEqual(keyAfterLogin(), first)
})

test('how soon a session_key is replaced can be chosen', () => {
  const world = newWorld({ minRotateSeconds: 0 })
  world.login(shop.appId, 'mei')
  const first = world.sessionKey(shop.appId, 'mei')
  world.login(shop.appId, 'mei')
  assert.notEqual(world.sessionKey(shop.appId, 'mei'), first)
})

test('the answer to an older code holds the newest key, for a person has exactly one', () => {
  const world = newWorld()
  const older = world.login(shop.appId, 'mei')
  world.rotateSessionKey(shop.appId, 'mei')
  const reply = read(world.answer('GET', codeToSession(older)))
  assert.equal(reply.session_key, world.sessionKey(shop.appId, 'mei'))
})

test('a session_key that is not replaced expires three days after the last login', () => {
  const world = newWorld({ minRotateSeconds: 30 * 24 * 3600 })
  assert.equal(world.checkSession(shop.appId, 'mei'), false)
  world.login(shop.appId, 'mei')
  const first = world.sessionKey(shop.appId, 'mei')
  world.advance(2 * 24 * 3600)
  world.login(shop.appId, 'mei')
  world.advance(3 * 24 * 3600 - 1)
  assert.equal(world.checkSession(shop.appId, 'mei'), true)
  assert.equal(world.sessionKey(shop.appId, 'mei'), first)
  world.advance(1)
  assert.equal(world.checkSession(shop.appId, 'mei'), false)
  world.login(shop.appId, 'mei')
  assert.notEqual(world.sessionKey(shop.appId, 'mei'), first)
})

test('wxa/checksession says whether a signature was made with the current session_key', () => {
  const world = newWorld()
  const check = (fields: Record<string, string>) =>
    world.answer('GET', get('/wxa/checksession', { sig_method: 'hmac_sha256', ...fields }))
  const client = { grant_type: 'client_credential', appid: shop.appId, secret: shop.secret }
  const access_token = String(read(world.answer('GET', get('/cgi-bin/token', client))).access_token)
  world.login(shop.appId, 'mei')
  const signature = signMessage(world.sessionKey(shop.appId, 'mei') ?? '', '')
  const openid = world.openid(shop.appId, 'mei')

  assert.equal(check({ access_token, openid, signature }).body, '{"errcode":0,"errmsg":"ok"}')
  assert.equal(check({ openid, signature }).errcode, 41001)
  assert.equal(check({ access_token, openid: 'oNobody', signature }).errcode, 40003)
  assert.equal(check({ access_token, openid, signature, sig_method: 'md5' }).errcode, 87008)
  assert.equal(check({ access_token, openid, signature: 'f00' }).errcode, 87009)
  world.rotateSessionKey(shop.appId, 'mei')
  assert.equal(check({ access_token, openid, signature }).errcode, 87009)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { signMessage } from '../src/index.ts'
import { codeToSession, get, newSimulator, read, shop } from './fixture.ts'

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
  const simulator = newSimulator()
  simulator.login(shop.appId, 'mei')
  const key = simulator.sessionKey(shop.appId, 'mei') ?? ''
  assert.match(key, /^[A-Za-z0-9+/]{22}==$/)
  assert.equal(Buffer.from(key, 'base64').length, 16)
})

test('a quick repeat of wx.login keeps the session_key, one after 60 seconds replaces it', () => {
  const simulator = newSimulator()
  const keyAfterLogin = () => {
    simulator.login(shop.appId, 'mei')
    return simulator.sessionKey(shop.appId, 'mei')
  }
  const first = keyAfterLogin()
  simulator.advance(59.999)
  assert.equal(keyAfterLogin(), first)
  simulator.advance(0.001)
  assert.notEqual(keyAfterLogin(), first)
})

test('how soon a session_key is replaced can be chosen', () => {
  const simulator = newSimulator({ minRotateSeconds: 0 })
  simulator.login(shop.appId, 'mei')
  const first = simulator.sessionKey(shop.appId, 'mei')
  simulator.login(shop.appId, 'mei')
  assert.notEqual(simulator.sessionKey(shop.appId, 'mei'), first)
})

test('the answer to an older code holds the newest key, for a person has exactly one', () => {
  const simulator = newSimulator()
  const older = simulator.login(shop.appId, 'mei')
  simulator.rotateSessionKey(shop.appId, 'mei')
  const reply = read(simulator.answer('GET', codeToSession(older)))
  assert.equal(reply.session_key, simulator.sessionKey(shop.appId, 'mei'))
})

test('a session_key that is not replaced expires three days after the last login', () => {
  const simulator = newSimulator({ minRotateSeconds: 30 * 24 * 3600 })
  assert.equal(simulator.checkSession(shop.appId, 'mei'), false)
  simulator.login(shop.appId, 'mei')
  const first = simulator.sessionKey(shop.appId, 'mei')
  simulator.advance(2 * 24 * 3600)
  simulator.login(shop.appId, 'mei')
  simulator.advance(3 * 24 * 3600 - 1)
  assert.equal(simulator.checkSession(shop.appId, 'mei'), true)
  assert.equal(simulator.sessionKey(shop.appId, 'mei'), first)
  simulator.advance(1)
  assert.equal(simulator.checkSession(shop.appId, 'mei'), false)
  simulator.login(shop.appId, 'mei')
  assert.notEqual(simulator.sessionKey(shop.appId, 'mei'), first)
})

test('wxa/checksession says whether a signature was made with the current session_key', () => {
  const simulator = newSimulator()
  const check = (fields: Record<string, string>) =>
    simulator.answer('GET', get('/wxa/checksession', { sig_method: 'hmac_sha256', ...fields }))
  const client = { grant_type: 'client_credential', appid: shop.appId, secret: shop.secret }
  const access_token = String(read(simulator.answer('GET', get('/cgi-bin/token', client))).access_token)
  simulator.login(shop.appId, 'mei')
  const signature = signMessage(simulator.sessionKey(shop.appId, 'mei') ?? '', '')
  const openid = simulator.openid(shop.appId, 'mei')

  assert.equal(check({ access_token, openid, signature }).body, '{"errcode":0,"errmsg":"ok"}')
  assert.equal(check({ openid, signature }).errcode, 41001)
  assert.equal(check({ access_token, openid: 'oNobody', signature }).errcode, 40003)
  assert.equal(check({ access_token, openid, signature, sig_method: 'md5' }).errcode, 87008)
  assert.equal(check({ access_token, openid, signature: 'f00' }).errcode, 87009)
  simulator.rotateSessionKey(shop.appId, 'mei')
  assert.equal(check({ access_token, openid, signature }).errcode, 87009)
})

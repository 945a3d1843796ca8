import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import { generateKeyPair, SignJWT } from 'jose'
import { club, type Hufu, shop, startHufu } from '../../test/runtime/hufu.ts'
import { serveApp } from '../../test/runtime/serve.ts'
import { createApp } from './app.ts'

let hufu: Hufu
before(async () => {
  hufu = await startHufu()
})
after(() => hufu.stop())

/** The example, on a free port until the test ends; `ask` with a token. */
async function startShop(t: TestContext, trust: object = {}) {
  const { url: issuer, audience, now } = hufu
  const ask = await serveApp(t, createApp({ issuer, audience, now, ...trust }, { demo: true }))
  return (method: string, path: string, token?: string, body?: object) =>
    ask(method, path, { ...(token === undefined ? {} : { token }), body })
}

test('an order placed in one mini program is seen by the same person in the other, and by nobody else', async (t) => {
  const ask = await startShop(t)
  const ming = await hufu.logIn(shop, 'xiaoming')
  const placed = await ask('POST', '/orders', ming.accessToken, { item: '龙井' })
  assert.equal(placed.status, 201)
  assert.equal(placed.body.appId, shop.appId)

  const elsewhere = await hufu.logIn(club, 'xiaoming')
  const seen = await ask('GET', '/orders', elsewhere.accessToken)
  assert.deepEqual(seen.body, { userId: ming.user.id, items: [placed.body] })

  const hong = await hufu.logIn(shop, 'xiaohong')
  assert.deepEqual((await ask('GET', '/orders', hong.accessToken)).body, { userId: hong.user.id, items: [] })
  assert.equal((await ask('POST', '/orders', hong.accessToken, { item: '' })).status, 400)
})

test('a token that is missing, foreign, for somebody else or of another kind is answered with 401', async (t) => {
  const ask = await startShop(t)
  const { accessToken, refreshToken, user } = await hufu.logIn(shop, 'xiaoming')
  const { privateKey } = await generateKeyPair('ES256')
  const forged = (typ: string) =>
    new SignJWT({ client_id: shop.appId, jti: '1' })
      .setProtectedHeader({ alg: 'ES256', typ })
      .setSubject(user.id)
      .setIssuer(hufu.url)
      .setAudience(hufu.audience)
      .setExpirationTime('5m')
      .sign(privateKey)
  const unsigned = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${accessToken.split('.')[1]}.`
  const cases = [
    undefined,
    '',
    'x',
    refreshToken,
    unsigned,
    await forged('at+jwt'),
    await forged('JWT'),
    `${accessToken}x`,
  ]
  for (const token of cases) {
    const { status, headers } = await ask('GET', '/orders', token)
    const challenge = headers.get('www-authenticate')
    assert.deepEqual(
      { status, challenge },
      { status: 401, challenge: 'Bearer error="invalid_token"' },
      `case ${cases.indexOf(token)}`,
    )
  }
  for (const wrong of [
    { audience: 'https://another.example' },
    { issuer: 'https://another.example', server: hufu.url },
  ]) {
    const elsewhere = await startShop(t, wrong)
    assert.deepEqual((await elsewhere('GET', '/orders', accessToken)).body, { error: 'token_invalid' })
  }
  assert.equal((await ask('GET', '/orders', accessToken)).status, 200)
})

test('a token works for a quarter of an hour', async (t) => {
  const ask = await startShop(t)
  const { accessToken, expiresIn } = await hufu.logIn(shop, 'xiaoming')
  hufu.advance(expiresIn - 5)
  assert.equal((await ask('GET', '/orders', accessToken)).status, 200)
  hufu.advance(10)
  const late = await ask('GET', '/orders', accessToken)
  assert.deepEqual([late.status, late.body], [401, { error: 'token_expired' }])
})

test('a token that the back end itself refuses is answered like an expired one, and the next one works', async (t) => {
  const ask = await startShop(t)
  const first = await hufu.logIn(shop, 'xiaoming')
  assert.equal((await ask('POST', '/demo/refuse-this-token', first.accessToken)).status, 204)
  assert.deepEqual((await ask('GET', '/orders', first.accessToken)).body, { error: 'token_expired' })
  const second = await hufu.logIn(shop, 'xiaoming')
  assert.equal((await ask('GET', '/orders', second.accessToken)).status, 200)
})

test('while Hufu cannot be reached nobody is told that their token is bad', async (t) => {
  const ask = await startShop(t, { server: 'http://127.0.0.1:1' })
  const { accessToken } = await hufu.logIn(shop, 'xiaoming')
  assert.deepEqual((await ask('GET', '/orders', accessToken)).body, { error: 'keys_unavailable' })
})

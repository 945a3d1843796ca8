import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shop } from './fixture/apps.ts'
import { adminToken } from './fixture/config.ts'
import { refusalOf } from './fixture/reply.ts'
import { newServer } from './fixture/server.ts'

const PAGE = shop.origins[0]

test('C22 T35 pages of an app’s origins get no CORS on the listeners of operators and of the gateway', async (t) => {
  const server = await newServer(t, {
    settings: {
      HUFU_CLOUDRUN_PORT: '8790',
      HUFU_CLOUDRUN_PUBLIC_ACCESS: 'closed',
      HUFU_CLOUDRUN_ENV: 'prod-1',
      HUFU_CLOUDRUN_APP_IDS: shop.appId,
      CBR_ENV_ID: 'prod-1',
    },
  })
  const { adminApp, localAdminApp, gatewayApp, app } = server.service
  assert.ok(gatewayApp)
  for (const [listener, path] of [
    [adminApp, '/admin/v1/apps'],
    [adminApp, '/admin/v1/users'],
    [localAdminApp, '/admin/v1/apps'],
    [gatewayApp, '/v1/login'],
    [gatewayApp, '/v1/me'],
  ] as const) {
    for (const method of ['OPTIONS', 'GET', 'POST']) {
      const headers = { origin: PAGE, authorization: `Bearer ${adminToken}`, 'access-control-request-method': 'POST' }
      const reply = await listener.request(path, { method, headers })
      const permissions = [...reply.headers.keys()].filter((name) => name.startsWith('access-control'))
      assert.deepEqual(permissions, [], `${method} ${path}`)
    }
  }
  const open = await app.request('/v1/login', { method: 'OPTIONS', headers: { origin: PAGE } })
  assert.equal(open.headers.get('access-control-allow-origin'), PAGE, 'the public listener gives it')
})

test('C22 in development a login is refused under a name that is not this server’s (DNS rebinding)', async (t) => {
  const server = await newServer(t, {
    settings: { HUFU_MODE: 'development', HUFU_ISSUER: 'http://dev.example:8787', HUFU_HOST: 'box.lan' },
    simulator: { devCodes: true },
  })
  const logIn = (host: string, headers: Record<string, string> = {}) =>
    server.service.app.request(`http://${host}/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ appId: shop.appId, code: 'hufu-dev:mei' }),
    })
  for (const host of [
    'localhost:8787',
    '127.0.0.1:8787',
    '[::1]:8787',
    'a.localhost',
    'dev.example',
    'box.lan:1',
    '192.168.1.20:8787',
  ]) {
    assert.equal((await logIn(host)).status, 200, host)
  }
  const before = server.wechat.callCount()
  for (const host of ['evil.example', 'evil.example:8787', 'localhost.evil.example', 'dev.example.evil.example', 'x']) {
    const reply = await logIn(host)
    assert.equal(reply.status, 403, host)
    assert.equal(((await reply.json()) as { code: string }).code, 'forbidden')
  }
  for (const origin of ['https://evil.example', 'null', 'http://localhost:3000']) {
    assert.equal((await logIn('localhost:8787', { origin })).status, 403, origin)
  }
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
    assert.equal((await logIn('localhost:8787', { 'content-type': type })).status, 415, type)
  }
  assert.equal(server.wechat.callCount(), before)
  assert.equal((await logIn('localhost:8787', { origin: 'http://localhost:8787' })).status, 200, 'a page of its own')
})

test('C22 outside development the Host names nothing that counts', async (t) => {
  const server = await newServer(t)
  const reply = await server.post('https://elsewhere.example/v1/login', { appId: shop.appId, code: 'x' })
  assert.equal(refusalOf(reply), '401 code_invalid')
})

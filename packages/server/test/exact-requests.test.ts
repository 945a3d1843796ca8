import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type FetchHandler, listen, peerOf } from '../src/runtime/listen.ts'
import { shop } from './fixture/apps.ts'
import { adminToken } from './fixture/config.ts'
import { rawExchange } from './fixture/raw-http.ts'
import { refusalOf } from './fixture/reply.ts'
import { newServer, type TestServer } from './fixture/server.ts'

/** Serves one of a server's applications on a real socket and returns its port. */
async function portOf(t: TestContext, fetch: FetchHandler): Promise<number> {
  const { port, close } = await listen(fetch, { host: '127.0.0.1', port: 0 })
  t.after(() => close(0))
  return port
}

const CLOUD_RUN = {
  HUFU_CLOUDRUN_PORT: '8790',
  HUFU_CLOUDRUN_PUBLIC_ACCESS: 'closed',
  HUFU_CLOUDRUN_ENV: 'prod-1',
  HUFU_CLOUDRUN_APP_IDS: shop.appId,
  CBR_ENV_ID: 'prod-1',
}

async function listeners(t: TestContext): Promise<{ server: TestServer; ports: Record<string, number> }> {
  const server = await newServer(t, { peerOf, settings: CLOUD_RUN })
  const { app, adminApp, localAdminApp, gatewayApp } = server.service
  assert.ok(gatewayApp)
  const ports = {
    public: await portOf(t, app.fetch),
    admin: await portOf(t, adminApp.fetch),
    socket: await portOf(t, localAdminApp.fetch),
    gateway: await portOf(t, gatewayApp.fetch),
  }
  return { server, ports }
}

const AUTHORIZED = `Authorization: Bearer ${adminToken}\r\n`
const statusOf = async (port: number, line: string): Promise<number | undefined> =>
  (await rawExchange(port, Buffer.from(`${line}\r\nHost: h\r\n${AUTHORIZED}Connection: close\r\n\r\n`, 'latin1')))
    .replies[0]?.status

/** Other ways to write the path of a route that is there. */
const tricksFor = (path: string): string[] => {
  const last = path.slice(path.lastIndexOf('/') + 1)
  const encoded = `%${last.charCodeAt(0).toString(16)}${last.slice(1)}`
  return [
    path.replace(last, encoded),
    path.replace(
      last,
      encodeURIComponent(last[0] ?? '') === last[0]
        ? `%${last.charCodeAt(0).toString(16).toUpperCase()}${last.slice(1)}`
        : '',
    ),
    `/${path}`,
    `/.${path}`,
    `/x/..${path}`,
    `/v1/%2e%2e${path}`,
    `/v1/%2E.${path}`,
    `/%2e${path}`,
    `${path}/`,
    `${path}/.`,
    `${path};x=1`,
    `${path}%3bx`,
    `${path}%00`,
    `${path}%20`,
    `${path}%2f`,
    `${path}%c0%ae`,
    `/%c0%ae%c0%ae${path}`,
    `\\${path.slice(1)}`,
    `/v1\\..${path}`,
    `${path}#x`,
    `http://evil.example${path}`,
    `https://h${path}`,
    `//evil.example${path}`,
    path.toUpperCase(),
  ]
}

test('C20 T36 given other spellings of a path, then no listener takes them for it', async (t) => {
  const { ports } = await listeners(t)
  const routes = {
    public: ['/healthz', '/.well-known/jwks.json', '/v1/me/sessions'],
    gateway: ['/readyz', '/v1/me'],
    admin: ['/admin/v1/apps', '/admin/v1/users'],
    socket: ['/admin/v1/realms', '/admin/v1/events'],
  }
  for (const [name, paths] of Object.entries(routes)) {
    const port = ports[name] ?? 0
    for (const path of paths) {
      const status = await statusOf(port, `GET ${path} HTTP/1.1`)
      assert.ok(status === 200 || status === 401, `${name} ${path}: ${status}`)
      for (const trick of tricksFor(path)) {
        const found = await statusOf(port, `GET ${trick} HTTP/1.1`)
        assert.ok(found === 400 || found === 404, `${name}: GET ${trick} was answered ${found}`)
      }
    }
  }
})

test('C20 an encoded id in a path is no other spelling of that id', async (t) => {
  const { server, ports } = await listeners(t)
  for (const path of [`apps/%77${shop.appId.slice(1)}`, `apps/${shop.appId}%20`, `apps/./${shop.appId}`]) {
    const found = await statusOf(ports.admin ?? 0, `DELETE /admin/v1/${path} HTTP/1.1`)
    assert.ok(found === 400 || found === 404, path)
  }
  assert.equal(server.service.directory.app(shop.appId)?.id, shop.appId)
})

test('C12 probes are answered without a Host, and whatever query they append', async (t) => {
  const { ports } = await listeners(t)
  for (const port of [ports.public ?? 0, ports.gateway ?? 0]) {
    for (const path of ['/healthz', '/readyz', '/.well-known/jwks.json']) {
      const old = await rawExchange(port, `GET ${path} HTTP/1.0\r\n\r\n`)
      assert.equal(old.replies[0]?.status, 200, `${path}: ${old.text}`)
      for (const query of ['?', '?x=1', '?_=1732500000&_=2', '?a[]=%zz', '?x={"y":1}', '?openid=o1']) {
        assert.equal(await statusOf(port, `GET ${path}${query} HTTP/1.1`), 200, path + query)
      }
    }
    assert.equal(await statusOf(port, 'GET /v1/me?x=1 HTTP/1.1'), 400, 'elsewhere a stray parameter is refused (T03)')
  }
})

test('C15 given an issuer under a path, then every route stands under it and at the root', async (t) => {
  for (const [path, foreign] of [
    ['/auth', '/aut'],
    ['/a/b-c/v2', '/a/b-c'],
    ['/login.example_1~x', '/login-example_1~x'],
    ['/%E8%AE%A4%E8%AF%81', '/%E8%AE%A4'],
  ] as const) {
    const server = await newServer(t, { settings: { HUFU_ISSUER: `https://hufu.example${path}` } })
    const { port, close } = await listen(server.service.app.fetch, { host: '127.0.0.1', port: 0 })
    for (const base of [path, '']) {
      const body = JSON.stringify({ appId: shop.appId, code: server.code(shop, 'mei') })
      const head = `POST ${base}/v1/login HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n`
      const login = await rawExchange(port, `${head}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
      assert.equal(login.replies[0]?.status, 200, `${base}: ${login.text}`)
      const { accessToken } = JSON.parse(login.replies[0]?.body ?? '')
      assert.equal((await server.get(`${base}/v1/me`, accessToken)).status, 200)
      assert.equal((await server.get(`${base}/.well-known/jwks.json`)).status, 200)
      assert.equal((await server.ask('DELETE', `${base}/v1/me/sessions/none`, { token: accessToken })).status, 404)
      assert.equal(refusalOf(await server.ask('PUT', `${base}/v1/login`)), '405 method_not_allowed')
    }
    for (const base of [foreign, `${path}${path}`, `${path}x`]) {
      assert.equal(refusalOf(await server.get(`${base}/healthz`)), '404 not_found', base)
    }
    const trick = await rawExchange(port, `GET ${path}/%68ealthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`)
    assert.equal(trick.replies[0]?.status, 404)
    await close(0)
  }
})

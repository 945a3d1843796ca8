import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { LIMITS, listen, peerOf } from '../src/runtime/listen.ts'
import { shop } from './fixture/apps.ts'
import { issuer } from './fixture/config.ts'
import { rawExchange } from './fixture/raw-http.ts'
import { problemOf, refusalOf } from './fixture/reply.ts'
import { newServer } from './fixture/server.ts'

const LOGIN = '{"appId": "…", "code": "…"}'

test('C12 JSON is taken however its media type is written, in UTF-8 only', async (t) => {
  const server = await newServer(t)
  const logIn = (type: string) =>
    server.post(
      '/v1/login',
      { appId: shop.appId, code: server.code(shop, 'mei') },
      { headers: { 'content-type': type } },
    )
  for (const type of [
    'application/json',
    'application/json;',
    'application/json ; ',
    'application/json;charset=utf8',
    'Application/JSON; Charset=UTF-8',
    'application/json; charset="utf-8"',
    "application/json;charset='UTF8';",
    'application/json; charset=',
    'application/json;odata.metadata=minimal; charset=utf-8',
  ]) {
    assert.equal((await logIn(type)).status, 200, type)
  }
  for (const type of [
    'application/json; charset=gbk',
    'application/json;charset=utf-16',
    'application/json;charset="',
  ]) {
    const { detail } = problemOf(await logIn(type))
    assert.match(detail, /^The body came in another charset than UTF-8\. /, type)
  }
})

test('C13 a body that is no JSON object is told what to send, and WeChat is not asked', async (t) => {
  const server = await newServer(t)
  const code = '0a3dTv000kX1mR1qTa200Zz9fC0dTv0q'
  const before = server.wechat.callCount()
  const form = 'application/x-www-form-urlencoded'
  for (const [body, type, says] of [
    [code, 'application/json', 'It looks like a code or token by itself.'],
    [code, 'text/plain', 'The body came as text.'],
    [code, form, 'The body came as a form (application/x-www-form-urlencoded).'],
    [`appId=${shop.appId}&code=${code}`, form, 'The body came as a form (application/x-www-form-urlencoded).'],
    [`code=${code}`, 'application/json', 'It looks like a form.'],
    ['--x\r\n', 'multipart/form-data; boundary=x', 'The body came as a form (multipart/form-data).'],
    [JSON.stringify(code), 'application/json', 'The body is a JSON string'],
    [JSON.stringify(JSON.stringify({ appId: shop.appId, code })), 'application/json', 'The body is a JSON string'],
    [`{appId: ${shop.appId}}`, 'application/json', 'The body is not valid JSON.'],
  ] as const) {
    const reply = await server.post('/v1/login', body, { headers: { 'content-type': type } })
    const { detail } = problemOf(reply)
    assert.ok(detail.includes(says) && detail.endsWith(LOGIN), `${body} as ${type}: ${detail}`)
    assert.ok(!reply.text.includes(code), 'nothing that was sent is quoted')
  }
  const token = await server.post('/v1/refresh', 'ses_abc.def-ghi_jkl')
  assert.ok(problemOf(token).detail.endsWith('{"refreshToken": "…"}'))
  assert.equal(server.wechat.callCount(), before)
})

test('C13 T36 a compressed body is refused by the name of its encoding', async (t) => {
  const server = await newServer(t, { peerOf })
  const { port, close } = await listen(server.service.app.fetch, { host: '127.0.0.1', port: 0 })
  t.after(() => close(0))
  const body = gzipSync(JSON.stringify({ appId: shop.appId, code: 'x' }))
  for (const [encoding, named] of [
    ['gzip', 'compressed (Content-Encoding: gzip)'],
    ['BR', 'compressed (Content-Encoding: br)'],
    ['deflate', 'compressed (Content-Encoding: deflate)'],
    ['gzip, gzip', 'encoded'],
    ['rot13', 'encoded'],
  ] as const) {
    const head = `POST /v1/login HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Encoding: ${encoding}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`
    const { replies } = await rawExchange(port, Buffer.concat([Buffer.from(head), body]))
    assert.equal(replies[0]?.status, 415, encoding)
    const { code, detail } = JSON.parse(replies[0]?.body ?? '')
    assert.deepEqual(
      [code, detail],
      ['unsupported_media_type', `The body is ${named}. Send it as it is, without Content-Encoding.`],
    )
  }
  const plain = await server.post(
    '/v1/login',
    { appId: shop.appId, code: server.code(shop, 'mei') },
    {
      headers: { 'content-encoding': 'identity' },
    },
  )
  assert.equal(plain.status, 200)
})

test('C13 T36 headers that are too large are told so, with the limit', async (t) => {
  const server = await newServer(t, { peerOf })
  const { port, close } = await listen(server.service.app.fetch, { host: '127.0.0.1', port: 0 })
  t.after(() => close(0))
  for (const headers of [
    `Cookie: ${'c'.repeat(20 * 1024)}`,
    Array.from({ length: 40 }, (_, n) => `Cookie: k${n}=${'v'.repeat(500)}`).join('\r\n'),
    `Authorization: Bearer ${'a'.repeat(LIMITS.maxHeaderSize)}`,
  ]) {
    const { replies } = await rawExchange(port, `GET /v1/me HTTP/1.1\r\nHost: h\r\n${headers}\r\n\r\n`)
    assert.equal(replies[0]?.headers['content-type'], 'application/problem+json')
    const { status, code, title, detail } = JSON.parse(replies[0]?.body ?? '')
    assert.deepEqual([replies[0]?.status, status, code], [431, 431, 'headers_too_large'])
    assert.notEqual(title, 'Request not understood')
    assert.match(detail, /larger than 16 KiB/)
  }
})

test('C13 a page of an unlisted origin is refused before WeChat is asked, and logged once', async (t) => {
  const server = await newServer(t)
  const strangers = [
    'https://new.example',
    'http://shop.example',
    'http://localhost:5173',
    'null',
    'https://shop.example:8443',
  ]
  for (const origin of strangers) {
    const code = server.code(shop, 'mei')
    const before = server.wechat.callCount()
    for (let n = 0; n < 3; n++) {
      const reply = await server.post('/v1/login', { appId: shop.appId, code }, { headers: { origin } })
      assert.equal(refusalOf(reply), '403 forbidden', origin)
      assert.equal(refusalOf(await server.ask('OPTIONS', '/v1/login', { headers: { origin } })), '403 forbidden')
    }
    assert.equal(server.wechat.callCount(), before)
    const kept = await server.post('/v1/login', { appId: shop.appId, code }, { headers: { origin: shop.origins[0] } })
    assert.equal(kept.status, 200, 'the code is as good as new')
  }
  const logged = server.printed().match(/"msg":"origin_refused"/g) ?? []
  assert.equal(logged.length, strangers.length)
  assert.match(server.printed(), /"origin":"https:\/\/new\.example"/)
  assert.equal((await server.ask('GET', '/healthz', { headers: { origin: 'https://new.example' } })).status, 200)
})

test('C13 pages of this server itself are no strangers', async (t) => {
  const server = await newServer(t, { settings: { HUFU_ISSUER: 'https://hufu.example/auth' } })
  for (const origin of [issuer, 'https://hufu.example', 'http://hufu.example']) {
    const code = server.code(shop, 'mei')
    const reply = await server.post('/v1/login', { appId: shop.appId, code }, { headers: { origin } })
    assert.equal(reply.status, 200, origin)
    assert.ok(!reply.headers.has('access-control-allow-origin'))
  }
})

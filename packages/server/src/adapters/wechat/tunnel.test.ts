import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { inspect } from 'node:util'
import { codeToSession, createCall, type Transport, type TransportError } from '@hufu/wechat'
import { goodBody } from '../../../../wechat/test/bad-answers.ts'
import { app, assertNoSecretIn, code } from '../../../../wechat/test/canaries.ts'
import { authority, serverCertificate } from '../../../../wechat/test/certificates.ts'
import { always, rawServer } from '../../../../wechat/test/raw-server.ts'
import { tlsConformance } from '../../../../wechat/test/tls.conformance.ts'
import { transportConformance } from '../../../../wechat/test/transport.conformance.ts'
import { type ConnectProxyOptions, connectProxy } from '../../../test/fixture/connect-proxy.ts'
import { proxyName, readProxy } from './outbound-proxy.ts'
import { wechatTransport } from './transport.ts'

const ours = authority('an authority of the office')
setDefaultCACertificates([...getCACertificates('default'), ours.cert])
const proxyCertificate = serverCertificate({ ip: '127.0.0.1', by: ours })
const credentials = 'hufu:p@ss/w:rd'
const user = 'hufu:p%40ss%2Fw%3Ard@'

/** A transport that a suite asks for at once, through a proxy that takes a moment to begin. */
function through(t: TestContext, options: ConnectProxyOptions, deadlines: { answer: number; whole: number }) {
  const began = connectProxy(t, options)
  const opened = (baseUrl: string) =>
    began.then(({ address }) => {
      const proxy = readProxy(`${options.tls ? 'https' : 'http'}://${options.credentials ? user : ''}${address}`)
      const transport = wechatTransport({ baseUrl, proxy, deadlines })
      t.after(() => transport.close())
      return transport
    })
  return (baseUrl: string): Transport => {
    const transport = opened(baseUrl)
    return async (...asked) => (await transport)(...asked)
  }
}

for (const [name, options] of [
  ['through a proxy', {}],
  ['through a proxy with a password', { credentials }],
  ['through a proxy over TLS', { tls: proxyCertificate, credentials }],
] as const) {
  const make = (t: TestContext, baseUrl: string, deadline: number): Transport =>
    through(t, options, { answer: Math.min(deadline, 3_000), whole: deadline })(baseUrl)
  transportConformance(`C5 ${name}`, make)
  tlsConformance(`C5 ${name}`, make)
}

const refused = async (t: TestContext, options: ConnectProxyOptions, address?: string) => {
  const server = await rawServer(t, always(goodBody))
  const proxy = readProxy(address ?? (await connectProxy(t, options)).address)
  const transport = wechatTransport({ baseUrl: server.baseUrl, proxy, deadlines: { connect: 300 } })
  t.after(() => transport.close())
  const thrown = await codeToSession(app, code, createCall(transport)).catch((error: Error) => error)
  assert.equal(server.asked.length, 0)
  assertNoSecretIn(thrown)
  const { reason, sent } = (thrown as Error).cause as TransportError
  assert.equal(sent, false, 'the code is as good as before')
  return reason
}

test('C5 a proxy that refuses, says nonsense or nothing is named, and the code never left', async (t) => {
  assert.equal(await refused(t, { credentials }), 'PROXY_REFUSED_407')
  assert.equal(await refused(t, { answers: 'HTTP/1.1 403 Forbidden\r\n\r\n' }), 'PROXY_REFUSED_403')
  assert.equal(await refused(t, { answers: 'HTTP/1.1 502 Bad Gateway\r\n\r\n<html>' }), 'PROXY_REFUSED_502')
  assert.equal(await refused(t, { answers: 'SSH-2.0-OpenSSH_9.9\r\n\r\n' }), 'PROXY_NOT_HTTP')
  assert.equal(await refused(t, { answers: 'x'.repeat(20_000) }), 'PROXY_NOT_HTTP')
  assert.equal(
    await refused(t, { answers: `HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n${goodBody}` }),
    'PROXY_SPOKE_FIRST',
  )
  assert.equal(await refused(t, { answers: '' }), 'PROXY_CLOSED')
  assert.match(await refused(t, { answers: 'silence' }), /^(?:PROXY_TIMEOUT|connect_deadline)$/)
  assert.equal(await refused(t, {}, '127.0.0.1:1'), 'PROXY_ECONNREFUSED')
})

test('C5 T31 a proxy that opens the way to somebody else is found out by the certificate', async (t) => {
  const impostor = await rawServer(t, always(goodBody), serverCertificate({ ip: '127.0.0.2', by: ours }))
  const { address, targets } = await connectProxy(t, { opens: impostor.port })
  const transport = wechatTransport({ baseUrl: 'https://api.weixin.qq.com', proxy: readProxy(address) })
  t.after(() => transport.close())
  await assert.rejects(transport('/sns/jscode2session', { secret: 'x' }), { sent: false })
  assert.deepEqual([targets, impostor.asked], [['api.weixin.qq.com:443'], []])
})

test('C5 T05 a proxy sees the name of WeChat, and no byte of a request', async (t) => {
  const server = await rawServer(t, always(goodBody), serverCertificate({ ip: '127.0.0.1', by: ours }))
  const proxy = await connectProxy(t)
  const transport = wechatTransport({ baseUrl: server.baseUrl, proxy: readProxy(proxy.address) })
  t.after(() => transport.close())
  for (let n = 0; n < 3; n++) await codeToSession(app, code, createCall(transport))
  assert.equal(server.asked.length, 3)
  assert.deepEqual(new Set(proxy.targets), new Set([server.baseUrl.slice('https://'.length)]))
  for (const word of ['jscode2session', app.secret.reveal(), code]) assert.ok(!proxy.heard().includes(word))
})

test('C5 the address of a proxy is read as others read it, and shown without its password', () => {
  for (const [address, name, credential] of [
    ['http://proxy.intra:3128', 'http://proxy.intra:3128', undefined],
    ['proxy.intra:3128', 'http://proxy.intra:3128', undefined],
    ['HTTP://Proxy.Intra/', 'http://proxy.intra:80', undefined],
    ['https://proxy.intra', 'https://proxy.intra:443', undefined],
    ['http://[fd00::1]:8080', 'http://[fd00::1]:8080', undefined],
    ['http://me:p%40ss%2Fw%3Ard@10.0.0.1:3128', 'http://10.0.0.1:3128', 'me:p@ss/w:rd'],
    ['me@proxy.intra:1', 'http://proxy.intra:1', 'me:'],
  ] as const) {
    const proxy = readProxy(address)
    assert.equal(proxyName(proxy), name)
    const expected = credential && `Basic ${Buffer.from(credential).toString('base64')}`
    assert.equal(proxy.authorization?.reveal(), expected)
    if (credential) assert.doesNotMatch(inspect(proxy) + JSON.stringify(proxy), /p@ss|bWU6/)
  }
  for (const wrong of [
    'socks5://me:s3cret@h:1',
    'http://me:s3/cret@h:1',
    'http://h:1/path',
    'http://h:99999',
    'http://%zz:x@h',
    '',
  ]) {
    assert.throws(
      () => readProxy(wrong),
      (error: Error) => error instanceof TypeError && !/s3|cret|%zz/.test(error.message),
      wrong,
    )
  }
})

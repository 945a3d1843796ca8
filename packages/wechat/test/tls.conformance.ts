import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { codeToSession, createCall, WeChatError } from '@hufu/wechat'
import { goodBody } from './bad-answers.ts'
import { app, assertNoSecretIn, code } from './canaries.ts'
import { authority, type Certificate, serverCertificate } from './certificates.ts'
import { always, rawServer } from './raw-server.ts'
import type { MakeTransport } from './transport.conformance.ts'

const day = 24 * 3600 * 1000
const trusted = authority('an authority this machine trusts')
const stranger = authority('an authority nobody trusts')
const here = '127.0.0.1'

/** Only who holds a certificate of the machine's own store, for this very name and time, may say who somebody is. */
export function tlsConformance(name: string, make: MakeTransport): void {
  setDefaultCACertificates([...getCACertificates('default'), trusted.cert])

  test(`T31 ${name}: a trusted certificate is accepted`, async (t) => {
    const server = await rawServer(t, always(goodBody), serverCertificate({ ip: here, by: trusted }))
    assert.ok(await codeToSession(app, code, createCall(make(t, server.baseUrl, 5_000))))
  })

  const refused: [string, Certificate][] = [
    ['signed by itself', serverCertificate({ ip: here })],
    ['of an unknown authority', serverCertificate({ ip: here, by: stranger })],
    ['of another name', serverCertificate({ ip: '127.0.0.2', by: trusted })],
    ['expired', serverCertificate({ ip: here, by: trusted, until: new Date(Date.now() - day / 2) })],
    ['not valid yet', serverCertificate({ ip: here, by: trusted, from: new Date(Date.now() + day / 2) })],
  ]
  for (const [label, certificate] of refused)
    test(`T31 T05 ${name}: a certificate ${label} ends the call before the secret leaves`, async (t) => {
      const server = await rawServer(t, always(goodBody), certificate)
      const call = createCall(make(t, server.baseUrl, 5_000))
      const thrown = await codeToSession(app, code, call).catch((error: unknown) => error)
      assert.ok(thrown instanceof WeChatError, String(thrown))
      assert.equal(thrown.code, 'unreachable', thrown.message)
      assertNoSecretIn(thrown)
      assert.equal(server.asked.length, 0)
    })

  test(`T31 ${name}: given a server without TLS behind an https address, then no secret is sent`, async (t) => {
    const server = await rawServer(t, always(goodBody))
    let heard = ''
    server.onConnection = (socket) => {
      socket.on('data', (bytes) => {
        heard += bytes.toString('latin1')
        socket.write('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')
      })
    }
    const call = createCall(make(t, server.baseUrl.replace('http:', 'https:'), 5_000))
    await assert.rejects(codeToSession(app, code, call), WeChatError)
    assert.ok(!heard.includes('secret'))
  })
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fetchTransport } from '@hufu/wechat'
import { tlsConformance } from './tls.conformance.ts'
import { type MakeTransport, transportConformance } from './transport.conformance.ts'

const make: MakeTransport = (_, baseUrl, deadline) => fetchTransport({ baseUrl, deadline })

transportConformance('fetch', make)
tlsConformance('fetch', make)

test('T31 a base URL is an origin and nothing more', () => {
  const wrong = ['', 'wx.qq.com', 'ftp://x', 'http://x/path', 'http://x/?q', 'http://x/#h', 'http://u:p@x', 'http://']
  for (const baseUrl of wrong) assert.throws(() => fetchTransport({ baseUrl }), TypeError, baseUrl)
  for (const baseUrl of ['http://x', 'https://x:1/', 'http://[::1]:80']) assert.ok(fetchTransport({ baseUrl }))
})

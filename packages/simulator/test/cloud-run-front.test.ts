import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createCloudRunFront } from '../src/index.ts'
import { createFakeWx } from '../src/wx.ts'
import { club, loner, newSimulator, shop } from './fixture.ts'

/** A container that answers with the headers it was sent, and the simulator before it. */
async function newFront(t: TestContext, owner: { appId: string } = shop) {
  const server = createServer((request, response) => {
    const wx = Object.entries(request.headers).filter(([name]) => name.startsWith('x-'))
    response.setHeader('content-type', 'application/json').end(JSON.stringify([request.method, request.url, wx]))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const container = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const wechat = newSimulator()
  const front = await createCloudRunFront({ wechat, container, env: 'prod-1', appId: owner.appId })
  t.after(async () => {
    await front.close()
    server.closeAllConnections()
    server.close()
  })
  return { wechat, front }
}

type Seen = [method: string, url: string, headers: [string, string][]]

const forged = { 'X-WX-OPENID': 'oSomebodyElse', 'x-wx-source': 'wx_devtools', 'X-Other': 'kept' }

test('the simulated gateway drops the client’s x-wx- headers and writes its own', async (t) => {
  const { wechat, front } = await newFront(t)
  const { wx } = createFakeWx({ appId: shop.appId, cloud: { container: front.containerFor({ person: 'mei' }) } })
  const reply = await wx.cloud.callContainer({
    config: { env: 'prod-1' },
    path: '/v1/login?x=1',
    method: 'POST',
    header: { 'X-WX-SERVICE': 'hufu', ...forged },
    data: {},
  })
  const [method, url, headers] = (reply as { data: Seen }).data
  assert.deepEqual([method, url], ['POST', '/v1/login?x=1'])
  assert.deepEqual(Object.fromEntries(headers), {
    'x-other': 'kept',
    'x-wx-appid': shop.appId,
    'x-wx-openid': wechat.openid(shop.appId, 'mei'),
    'x-wx-unionid': wechat.unionid(shop.appId, 'mei'),
    'x-wx-env': 'prod-1',
    'x-wx-source': 'wx_client',
    'x-wx-service': 'hufu',
  })
})

const request = { env: 'prod-1', service: 'hufu', path: '/', method: 'GET', headers: {} }
const seenBy = (reply: { body?: unknown }) => Object.fromEntries((JSON.parse(String(reply.body)) as Seen)[2])

test('in an environment shared between apps the caller is named in the x-wx-from- headers alone', async (t) => {
  const { wechat, front } = await newFront(t)
  const call = front.containerFor({ person: 'bo', from: club.appId, source: 'wx_devtools' })
  assert.deepEqual(seenBy(await call(request)), {
    'x-wx-appid': shop.appId,
    'x-wx-from-appid': club.appId,
    'x-wx-from-openid': wechat.openid(club.appId, 'bo'),
    'x-wx-from-unionid': wechat.unionid(club.appId, 'bo'),
    'x-wx-env': 'prod-1',
    'x-wx-source': 'wx_devtools',
    'x-wx-service': 'hufu',
  })
})

test('an app that is bound to nothing gives no unionid header, and another environment is not there', async (t) => {
  const { front } = await newFront(t, loner)
  const call = front.containerFor({ person: 'mei' })
  assert.equal('x-wx-unionid' in seenBy(await call(request)), false)
  await assert.rejects(call({ ...request, env: 'prod-2' }), /env not exists/)
})

test('the public domain passes every header through as it came', async (t) => {
  const { front } = await newFront(t)
  const [, , headers] = (await (await fetch(`${front.publicUrl}/`, { headers: forged })).json()) as Seen
  assert.deepEqual(Object.fromEntries(headers), {
    'x-wx-openid': 'oSomebodyElse',
    'x-wx-source': 'wx_devtools',
    'x-other': 'kept',
  })
})

// The published client against the real server and the simulator of WeChat, in one process and under one clock.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Responder } from '@hufu/simulator/wx'
import { club, shop } from '../../server/test/fixture/apps.ts'
import { newServer, type TestServer } from '../../server/test/fixture/server.ts'
import type { Client } from '../src/index.ts'
import { codeOfFailure, newPhone, type Phone, type PhoneOptions } from './phone.ts'

/** A person's phone in one app of the server. */
async function phoneIn(
  server: TestServer,
  app: { appId: string },
  person: string,
  more: PhoneOptions = {},
): Promise<Phone> {
  const working = new Set<Promise<unknown>>()
  const respond: Responder = (request) => {
    const work = Promise.resolve(answer(request))
    working.add(work)
    return work.finally(() => working.delete(work))
  }
  const answer: Responder = async ({ url, method, headers, body }) => {
    server.advance(phone.time.now() - server.clock.now())
    const init = { method, headers, ...(body === undefined ? {} : { body: String(body) }) }
    const response = await server.service.app.fetch(new Request(url, init))
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }
  }
  const codes = () => server.code(app, person)
  const phone: Phone = await newPhone({
    appId: app.appId,
    person,
    respond,
    codes,
    idle: () => Promise.all(working),
    ...more,
  })
  phone.time.set(server.clock.now())
  return phone
}
const clientOf = (phone: Phone, { appId }: { appId: string }, more: object = {}) => phone.client({ appId, ...more })

async function signedIn(t: TestContext) {
  const server = await newServer(t)
  const phone = await phoneIn(server, shop, 'mei')
  const client = clientOf(phone, shop)
  await phone.wait(client.login())
  return { server, phone, client }
}
const sessionsOf = async (phone: Phone, client: Client) => {
  const reply = await phone.wait(client.request<{ items: object[] }>({ url: '/v1/me/sessions' }))
  return reply.data.items.length
}
const stored = (phone: Phone): { refreshToken: string } =>
  JSON.parse(String(phone.fake.wx.getStorageSync('hufu:session'))).session
const requests = (phone: Phone, path: string) => phone.fake.count('request', `https://hufu.example${path}`)

test('five cold calls make one session on the real server, five with an expired token one refresh', async (t) => {
  const server = await newServer(t)
  const phone = await phoneIn(server, shop, 'mei')
  const client = clientOf(phone, shop)
  const five = () => Promise.all(Array.from({ length: 5 }, () => client.request<{ id: string }>({ url: '/v1/me' })))
  const cold = await phone.wait(five())
  await phone.time.advance(16 * 60_000)
  const expired = await phone.wait(five())
  const ids = [...cold, ...expired].map((reply) => [reply.statusCode, reply.data.id].join())
  assert.deepEqual(new Set(ids), new Set([`200,${client.user()?.id}`]))
  assert.deepEqual([phone.fake.count('login'), requests(phone, '/v1/login'), requests(phone, '/v1/refresh')], [1, 1, 1])
  assert.equal(await sessionsOf(phone, client), 1)
})

test('one person in two apps of one owner is one user, with both identities', async (t) => {
  const server = await newServer(t)
  const [inShop, inClub] = [await phoneIn(server, shop, 'mei'), await phoneIn(server, club, 'mei')]
  const first = await inShop.wait(clientOf(inShop, shop).login())
  const client = clientOf(inClub, club)
  const second = await inClub.wait(client.login())
  assert.deepEqual([second.id, first.isNew, second.isNew], [first.id, true, false])
  assert.equal(second.unionid, first.unionid)
  assert.notEqual(second.openid, first.openid)
  const me = await inClub.wait(client.request<{ identities: object[] }>({ url: '/v1/me', to: 'server' }))
  assert.equal(me.data.identities.length, 2)
})

test('T07 T19 answers that are lost cost no session: the exchange and the refresh are repeated', async (t) => {
  const server = await newServer(t)
  const phone = await phoneIn(server, shop, 'mei')
  const client = clientOf(phone, shop)
  phone.fake.failNext('request', 'lost')
  await phone.wait(client.login())
  await phone.time.advance(16 * 60_000)
  phone.fake.failNext('request', 'lost')
  assert.equal((await phone.wait(client.request({ url: '/v1/me' }))).statusCode, 200)
  assert.deepEqual([phone.fake.count('login'), await sessionsOf(phone, client)], [1, 1])
})

test('given a code answered code_spent, then the client asks for one fresh code', async (t) => {
  const server = await newServer(t)
  const code = server.code(shop, 'mei')
  const given = [code, server.code(shop, 'mei')]
  await server.post('/v1/login', { appId: shop.appId, code, nonce: 'somebody-else-was-faster' })
  const phone = await phoneIn(server, shop, 'mei', { codes: () => given.shift() ?? '' })
  await phone.wait(clientOf(phone, shop).login())
  assert.deepEqual([phone.fake.count('login'), requests(phone, '/v1/login')], [2, 2])
})

test('an app that the server does not know is refused by name', async (t) => {
  const server = await newServer(t)
  const phone = await phoneIn(server, { appId: 'wx00000000000000ff' }, 'mei', {
    codes: () => '0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P',
  })
  const error = await phone.wait(
    clientOf(phone, { appId: 'wx00000000000000ff' })
      .login()
      .catch((thrown: { problem: string }) => thrown),
  )
  assert.equal('problem' in error && error.problem, 'app_unknown')
})

test('a user whom an operator blocks is out at the next renewal, and back after login() once unblocked', async (t) => {
  const { server, phone, client } = await signedIn(t)
  const id = client.user()?.id
  await server.admin('POST', `users/${id}/block`, {})
  await phone.time.advance(16 * 60_000)
  assert.equal(await codeOfFailure(phone, client.request({ url: '/v1/me' })), 'user_blocked')
  await server.admin('POST', `users/${id}/unblock`, {})
  await phone.time.advance(60_000)
  assert.equal((await phone.wait(client.login())).id, id)
})

test('a session that an operator ended is replaced by a login, and the request goes through', async (t) => {
  const { server, phone, client } = await signedIn(t)
  await server.admin('POST', `users/${client.user()?.id}/end-sessions`, {})
  await phone.time.advance(16 * 60_000)
  assert.equal((await phone.wait(client.request({ url: '/v1/me' }))).statusCode, 200)
  assert.equal(phone.fake.count('login'), 2)
})

test('a logout ends the session on the server, with a token that is old as well', async (t) => {
  for (const wait of [0, 16 * 60_000]) {
    const { server, phone, client } = await signedIn(t)
    const { refreshToken } = stored(phone)
    await phone.time.advance(wait)
    await phone.wait(client.logout())
    assert.equal((await server.post('/v1/refresh', { refreshToken })).status, 401)
  }
})

test('T18 a session that was copied ends for both when both use it, and the real phone signs in again', async (t) => {
  const { server, phone, client } = await signedIn(t)
  const stolen = await server.refresh(stored(phone).refreshToken)
  await server.refresh(stolen.refreshToken)
  await phone.time.advance(16 * 60_000)
  assert.equal((await phone.wait(client.request({ url: '/v1/me' }))).statusCode, 200)
  assert.equal(phone.fake.count('login'), 2)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CloudRunCaller } from '@hufu/simulator'
import { club, shop } from '../fixture/apps.ts'
import { newServer, wechatFactsOf } from '../fixture/server.ts'
import { MINUTE } from '../fixture/time.ts'
import { type Answer, environment, newCloudRun } from './cloud-run.ts'

type CloudRun = Awaited<ReturnType<typeof newCloudRun>>

/** `wx.cloud.callContainer` of this caller. */
async function call(
  { front }: CloudRun,
  caller: CloudRunCaller,
  target: string,
  { body, token, header = {} }: { body?: object; token?: string; header?: Record<string, string> } = {},
): Promise<Answer> {
  const [method = '', path = ''] = target.split(' ')
  const headers = {
    ...header,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  }
  const text = body === undefined ? {} : { body: JSON.stringify(body) }
  const request = { env: environment, service: 'hufu', path, method, headers, ...text }
  const reply = await front.containerFor(caller)(request)
  const answered = String(reply.body)
  return { status: reply.status, body: answered === '' ? {} : JSON.parse(answered) }
}

const mei = { person: 'mei' }
const outcome = ({ status, body }: Answer) => `${status} ${body.code ?? 'ok'}`

test('behind the gateway a login needs no code, and the person is the same user as by code', async (t) => {
  const container = await newCloudRun(t)
  const { server } = container
  const { status, body } = await call(container, mei, 'POST /v1/login', { body: {} })
  assert.equal(status, 200)
  const { accessToken, refreshToken, user, ...rest } = body as Record<string, unknown> & { user: { id: string } }
  assert.deepEqual(rest, wechatFactsOf(server, shop, 'mei'))
  assert.ok(accessToken && refreshToken)
  assert.equal((await server.logIn(shop, 'mei')).user.id, user.id)
  assert.equal((await server.logIn(club, 'mei')).user.id, user.id)
  const events = (await server.admin('GET', 'events?kind=login')).body as { items: { detail: { method: string } }[] }
  assert.deepEqual(events.items.map(({ detail }) => detail.method).sort(), ['cloud-run', 'code', 'code'])
})

test('a Cloud Run login may bring nothing, an AppID or a nonce; a code or an openid is refused', async (t) => {
  const container = await newCloudRun(t)
  const nonce = 'a-nonce-of-our-client'
  for (const [body, expected] of [
    [undefined, '200 ok'],
    [{}, '200 ok'],
    [{ appId: shop.appId }, '200 ok'],
    [{ appId: shop.appId, nonce }, '200 ok'],
    [{ appId: club.appId }, '403 forbidden'],
    [{ code: container.server.code(shop, 'mei') }, '400 invalid_request'],
    [{ openid: 'oSomebody' }, '400 invalid_request'],
    [[], '400 invalid_request'],
  ] as const) {
    const answer = await call(container, mei, 'POST /v1/login', body === undefined ? {} : { body })
    assert.equal(outcome(answer), expected, JSON.stringify(body))
  }
})

test('in an environment shared between apps the caller is the person of the app that calls, and an app not named is refused', async (t) => {
  const container = await newCloudRun(t)
  const { server } = container
  const inShop = await call(container, mei, 'POST /v1/login', { body: {} })
  const inClub = await call(container, { person: 'mei', from: club.appId }, 'POST /v1/login', { body: {} })
  assert.deepEqual([inClub.body.appId, inClub.body.openid], [club.appId, server.wechat.openid(club.appId, 'mei')])
  assert.deepEqual((inClub.body.user as { id: string }).id, (inShop.body.user as { id: string }).id)
  const elsewhere = { person: 'mei', from: 'wx00000000000000d1' }
  assert.equal(outcome(await call(container, elsewhere, 'POST /v1/login', { body: {} })), '403 forbidden')
})

test('WeChat DevTools may call where the operator allows it', async (t) => {
  const devtools = { person: 'mei', source: 'wx_devtools' }
  const strict = await newCloudRun(t)
  assert.equal(outcome(await call(strict, devtools, 'POST /v1/login')), '403 forbidden')
  const lenient = await newCloudRun(t, { settings: { HUFU_CLOUDRUN_SOURCES: 'wx_client,wx_devtools' } })
  assert.equal(outcome(await call(lenient, devtools, 'POST /v1/login')), '200 ok')
  assert.equal(outcome(await call(lenient, { person: 'mei', source: 'wx_client,scf' }, 'POST /v1/login')), '200 ok')
})

test('the listener behind the gateway serves me, sessions, refresh, logout, health and keys too', async (t) => {
  const container = await newCloudRun(t)
  const { body: login } = await call(container, mei, 'POST /v1/login', { body: {} })
  const me = await call(container, mei, 'GET /v1/me', { token: String(login.accessToken) })
  assert.deepEqual([me.status, me.body.id], [200, (login.user as { id: string }).id])
  const next = await call(container, mei, 'POST /v1/refresh', { body: { refreshToken: login.refreshToken } })
  assert.equal(next.status, 200)
  const token = String(next.body.accessToken)
  const sessions = await call(container, mei, 'GET /v1/me/sessions', { token })
  assert.equal((sessions.body.items as object[]).length, 1)
  assert.equal((await call(container, mei, 'POST /v1/logout', { token })).status, 204)
  assert.equal(outcome(await call(container, mei, 'GET /v1/me', { token })), '401 token_invalid')
  for (const path of ['/healthz', '/readyz', '/.well-known/jwks.json']) {
    assert.equal((await call(container, mei, `GET ${path}`)).status, 200, path)
  }
  assert.equal(outcome(await call(container, mei, 'GET /admin/v1/users')), '404 not_found')
})

test('T04 given a session, then its user is answered and the gateway’s headers are not read', async (t) => {
  const container = await newCloudRun(t)
  const { body: login } = await call(container, mei, 'POST /v1/login', { body: {} })
  const asBo = await call(container, { person: 'bo' }, 'GET /v1/me', { token: String(login.accessToken) })
  assert.equal(asBo.body.id, (login.user as { id: string }).id)
  assert.equal(outcome(await call(container, mei, 'GET /v1/me')), '401 token_invalid')
})

test('T11 behind the gateway a blocked person gets no session', async (t) => {
  const container = await newCloudRun(t)
  const { body } = await call(container, mei, 'POST /v1/login', { body: {} })
  await container.server.admin('POST', `users/${(body.user as { id: string }).id}/block`)
  assert.equal(outcome(await call(container, mei, 'POST /v1/login', { body: {} })), '403 user_blocked')
})

test('an app that nobody has added is not known behind the gateway either', async (t) => {
  const container = await newCloudRun(t)
  await container.server.admin('DELETE', `apps/${shop.appId}`)
  assert.equal(outcome(await call(container, mei, 'POST /v1/login', { body: {} })), '404 app_unknown')
})

test('behind the gateway logins are limited by person, since all come from one address', async (t) => {
  let peer: string | undefined
  const container = await newCloudRun(t, { settings: { HUFU_LOGIN_LIMIT: '2' }, peerOf: () => peer })
  peer = '10.0.0.1'
  const logIn = async (person: string) => outcome(await call(container, { person }, 'POST /v1/login', { body: {} }))
  assert.deepEqual(
    [await logIn('mei'), await logIn('mei'), await logIn('mei')],
    ['200 ok', '200 ok', '429 rate_limited'],
  )
  assert.equal(await logIn('bo'), '200 ok')
  container.server.advance(MINUTE / 2)
  assert.equal(await logIn('mei'), '200 ok')
  assert.doesNotMatch(container.server.printed(), /login_limit_off/, 'the gateway is no proxy to warn of')
})

test('T04 what a client writes into its own call does not pass the gateway', async (t) => {
  const container = await newCloudRun(t)
  const header = { 'X-WX-OPENID': container.server.wechat.openid(shop.appId, 'bo'), 'x-wx-from-openid': 'oX' }
  const { body } = await call(container, mei, 'POST /v1/login', { body: {}, header })
  assert.equal(body.openid, container.server.wechat.openid(shop.appId, 'mei'))
})

test('T04 a request that goes past the gateway is believed, so public access must be closed', async (t) => {
  const { server, front } = await newCloudRun(t)
  const openid = server.wechat.openid(shop.appId, 'mei')
  const forged = {
    'x-wx-openid': openid,
    'x-wx-appid': shop.appId,
    'x-wx-env': environment,
    'x-wx-source': 'wx_client',
  }
  const reply = await fetch(`${front.publicUrl}/v1/login`, { method: 'POST', headers: forged })
  assert.equal(((await reply.json()) as { openid: string }).openid, openid)
})

test('T04 by default there is no listener behind a gateway', async (t) => {
  const { service } = await newServer(t)
  assert.equal(service.gatewayApp, undefined)
})

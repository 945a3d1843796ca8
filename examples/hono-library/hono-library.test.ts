import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getRequestListener } from '@hono/node-server'
import { demoWorld } from '@hufu/simulator'
import { libraryWorld } from '../../test/runtime/library.ts'
import { serveApp } from '../../test/runtime/serve.ts'
import { createApp } from './app.ts'

const [shop, club] = demoWorld.apps

test('a Hono application with Hufu inside logs people in, knows them, and forgets them at their logout', async (t) => {
  const { simulator, options } = await libraryWorld(t)
  const { app, hufu } = await createApp(options)
  t.after(() => hufu.close())
  const ask = await serveApp(t, getRequestListener(app.fetch))

  const code = simulator.login(shop.appId, 'xiaoming')
  const login = await ask('POST', '/v1/login', { body: { appId: shop.appId, code } })
  assert.equal(login.status, 200)
  const token = login.body.accessToken
  assert.deepEqual((await ask('POST', '/cart', { token, body: { item: '龙井' } })).body, { items: ['龙井'] })
  assert.equal((await ask('GET', '/v1/me', { token })).body.id, login.body.user.id)
  assert.equal((await ask('GET', '/.well-known/jwks.json')).status, 200)
  assert.equal((await ask('GET', '/healthz')).status, 200)

  assert.equal((await ask('GET', '/cart')).status, 401)
  assert.equal((await ask('GET', '/cart', { token: login.body.refreshToken })).status, 401)
  assert.equal((await ask('POST', '/v1/logout', { token })).status, 204)
  assert.deepEqual((await ask('GET', '/cart', { token })).body, { error: 'token_invalid' })
})

test('when two users turn out to be one person, the cart of the one that is gone moves to the other', async (t) => {
  const { simulator, options } = await libraryWorld(t)
  for (const { appId } of [shop, club]) simulator.bind(appId, null)
  const { app, hufu } = await createApp(options)
  t.after(() => hufu.close())
  const ask = await serveApp(t, getRequestListener(app.fetch))
  const logIn = async ({ appId }: { appId: string }) =>
    (await hufu.logIn({ appId, code: simulator.login(appId, 'xiaohong') })).accessToken

  await ask('POST', '/cart', { token: await logIn(shop), body: { item: '碧螺春' } })
  await ask('POST', '/cart', { token: await logIn(club), body: { item: '茶杯' } })
  for (const { appId } of [shop, club]) simulator.bind(appId, 'one-owner')
  await logIn(shop)
  const token = await logIn(club)

  // The event follows the unification within a second or so.
  const deadline = Date.now() + 60_000
  let items: string[] = []
  while (items.length < 2 && Date.now() < deadline) items = (await ask('GET', '/cart', { token })).body.items
  assert.deepEqual(items, ['碧螺春', '茶杯'])
})

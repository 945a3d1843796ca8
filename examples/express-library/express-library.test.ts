import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getRequestListener } from '@hono/node-server'
import { demoWorld } from '@hufu/simulator'
import express from 'express'
import { libraryWorld } from '../../test/runtime/library.ts'
import { serveApp } from '../../test/runtime/serve.ts'
import { createApp } from './app.ts'

const [shop] = demoWorld.apps

test('an Express application with Hufu inside logs people in and knows them', async (t) => {
  const { simulator, options } = await libraryWorld(t)
  const { app, hufu } = await createApp(options)
  t.after(() => hufu.close())
  const ask = await serveApp(t, app)

  const code = simulator.login(shop.appId, 'xiaoming')
  const login = await ask('POST', '/v1/login', { body: { appId: shop.appId, code } })
  assert.equal(login.status, 200)
  const token = login.body.accessToken
  assert.deepEqual((await ask('GET', '/nickname', { token })).body, { nickname: '微信用户' })
  const named = await ask('PUT', '/nickname', { token, body: { nickname: '小明' } })
  assert.deepEqual([named.status, named.body], [200, { nickname: '小明' }])
  assert.equal((await ask('GET', '/v1/me', { token })).body.id, login.body.user.id)
  assert.equal((await ask('GET', '/.well-known/jwks.json')).status, 200)
  assert.equal((await ask('POST', '/v1/nothing', { body: {} })).body.code, 'not_found')

  assert.equal((await ask('GET', '/nickname')).status, 401)
  await hufu.blockUser(login.body.user.id)
  const blocked = await ask('GET', '/nickname', { token })
  assert.deepEqual([blocked.status, blocked.body], [403, { error: 'user_blocked' }])
})

test('behind a body parser there is nothing left to read, so the example mounts Hufu before it', async (t) => {
  const { simulator, options } = await libraryWorld(t)
  const { hufu } = await createApp(options)
  t.after(() => hufu.close())
  const app = express().use(express.json())
  app.all('/v1/*rest', getRequestListener(hufu.fetch, { overrideGlobalObjects: false }))
  const ask = await serveApp(t, app)
  const code = simulator.login(shop.appId, 'xiaoming')
  const login = await ask('POST', '/v1/login', { body: { appId: shop.appId, code } })
  assert.ok(login.status >= 400, `a login that cannot be read answered ${login.status}`)
})

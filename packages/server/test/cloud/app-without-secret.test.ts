import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shop } from '../fixture/apps.ts'
import { problemOf } from '../fixture/reply.ts'
import { newServer } from '../fixture/server.ts'
import { addKey, dump, logInByCloud } from './assertion.ts'

const kiosk = {
  appId: 'wx00000000000000a9',
  kind: 'miniprogram',
  secret: 'k105k105k105k105k105k105k105k105',
  openAccount: 'owner',
} as const

test('an app without an AppSecret takes cloud-function logins, and codes once it has one', async (t) => {
  const server = await newServer(t)
  server.wechat.addApp(kiosk)
  const added = await server.admin('POST', 'apps', { appId: kiosk.appId })
  assert.equal(added.status, 201, added.text)
  const byCloud = await logInByCloud(server, await addKey(server, kiosk), kiosk, 'mei')
  assert.equal((await server.logIn(shop, 'mei')).user.id, byCloud.user.id)

  const before = [dump(server), server.wechat.callCount()]
  const refused = problemOf(await server.post('/v1/login', { appId: kiosk.appId, code: server.code(kiosk, 'mei') }))
  assert.deepEqual([refused.status, refused.code], [503, 'server_misconfigured'])
  assert.match(refused.detail, /has no AppSecret here.*hufu app rotate-secret/)
  assert.deepEqual([dump(server), server.wechat.callCount()], before, 'WeChat was not asked')

  await server.restart()
  await server.admin('PATCH', `apps/${kiosk.appId}`, { secret: kiosk.secret })
  assert.equal((await server.logIn(kiosk, 'mei')).user.id, byCloud.user.id)
})

test('an app cannot be added with an empty AppSecret', async (t) => {
  const server = await newServer(t)
  const refused = problemOf(await server.admin('POST', 'apps', { appId: kiosk.appId, secret: '' }))
  assert.equal(refused.code, 'invalid_request')
})

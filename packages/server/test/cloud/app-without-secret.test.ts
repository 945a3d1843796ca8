import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newWorld, problemOf, shop } from '../world.ts'
import { addKey, dump, logInByCloud } from './vouch.ts'

const kiosk = {
  appId: 'wx00000000000000a9',
  kind: 'miniprogram',
  secret: 'k105k105k105k105',
  openAccount: 'owner',
} as const

test('an app that was added without its AppSecret lets people in by method two, and by a code once it has one', async (t) => {
  const world = await newWorld(t)
  world.wechat.addApp(kiosk)
  const added = await world.admin('POST', 'apps', { appId: kiosk.appId })
  assert.equal(added.status, 201, added.text)
  const byCloud = await logInByCloud(world, await addKey(world, kiosk), kiosk, 'mei')
  assert.equal((await world.logIn(shop, 'mei')).user.id, byCloud.user.id)

  const before = [dump(world), world.wechat.callCount()]
  const refused = problemOf(await world.post('/v1/login', { appId: kiosk.appId, code: world.code(kiosk, 'mei') }))
  assert.deepEqual([refused.status, refused.code], [503, 'server_misconfigured'])
  assert.match(refused.detail, /without its AppSecret.*hufu app rotate-secret/)
  assert.deepEqual([dump(world), world.wechat.callCount()], before, 'WeChat was not asked')

  await world.restart()
  await world.admin('PATCH', `apps/${kiosk.appId}`, { secret: kiosk.secret })
  assert.equal((await world.logIn(kiosk, 'mei')).user.id, byCloud.user.id)
})

test('an empty AppSecret is a mistake, not the absence of one', async (t) => {
  const world = await newWorld(t)
  const refused = problemOf(await world.admin('POST', 'apps', { appId: kiosk.appId, secret: '' }))
  assert.equal(refused.code, 'invalid_request')
})

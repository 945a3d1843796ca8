import assert from 'node:assert/strict'
import { test } from 'node:test'
import { club, news, newWorld, outcomeOf, rival, shop, site } from './world.ts'

const five = [shop, club, news, site, rival]

test('T08 a code of one app is refused as a code of any other, in all pairs of five apps', async (t) => {
  const world = await newWorld(t)
  for (const from of five) {
    for (const to of five) {
      if (from === to) continue
      const reply = await world.post('/v1/login', { appId: to.appId, code: world.code(from, 'mei') })
      assert.equal(outcomeOf(reply), '401 code_invalid', `${from.appId} as ${to.appId}`)
    }
  }
  assert.equal(world.count('users'), 0)
  assert.equal(world.count('identities'), 0)
  assert.equal(world.count('sessions'), 0)
})

test('T08 each of five apps lets its own people in, under its own credentials and nobody else’s', async (t) => {
  const world = await newWorld(t)
  for (const app of five) {
    const login = await world.logIn(app, 'mei')
    assert.equal(login.appId, app.appId)
    assert.equal(login.openid, world.wechat.openid(app.appId, 'mei'))
    const asked = new Map(world.wechat.calls().at(-1)?.query)
    assert.equal(asked.get('appid'), app.appId)
  }
  assert.deepEqual(
    world.rows('SELECT app_id FROM identities ORDER BY app_id').map(({ app_id }) => app_id),
    five.map(({ appId }) => appId).sort(),
  )
})

test('a snapshot visitor of an official account is nobody, and is told what to do', async (t) => {
  const world = await newWorld(t)
  const code = world.wechat.login(news.appId, 'mei', { snapshot: true, scope: 'snsapi_userinfo' })
  assert.equal(outcomeOf(await world.post('/v1/login', { appId: news.appId, code })), '403 snapshot_user')
  assert.equal(world.count('users'), 0)
})

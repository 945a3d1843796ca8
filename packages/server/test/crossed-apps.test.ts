import assert from 'node:assert/strict'
import { test } from 'node:test'
import { club, news, rival, shop, site } from './fixture/apps.ts'
import { outcomeOf } from './fixture/reply.ts'
import { newServer } from './fixture/server.ts'

const five = [shop, club, news, site, rival]

test('T08 a code of one app is refused as a code of any other, in all pairs of five apps', async (t) => {
  const server = await newServer(t)
  for (const from of five) {
    for (const to of five) {
      if (from === to) continue
      const reply = await server.post('/v1/login', { appId: to.appId, code: server.code(from, 'mei') })
      assert.equal(outcomeOf(reply), '401 code_invalid', `${from.appId} as ${to.appId}`)
    }
  }
  assert.equal(server.count('users'), 0)
  assert.equal(server.count('identities'), 0)
  assert.equal(server.count('sessions'), 0)
})

test('T08 each of five apps logs its people in, asking WeChat with its own AppID and AppSecret', async (t) => {
  const server = await newServer(t)
  for (const app of five) {
    const login = await server.logIn(app, 'mei')
    assert.equal(login.appId, app.appId)
    assert.equal(login.openid, server.wechat.openid(app.appId, 'mei'))
    const asked = new Map(server.wechat.calls().at(-1)?.query)
    assert.equal(asked.get('appid'), app.appId)
  }
  assert.deepEqual(
    server.rows('SELECT app_id FROM identities ORDER BY app_id').map(({ app_id }) => app_id),
    five.map(({ appId }) => appId).sort(),
  )
})

test('given a snapshot visitor of an official account, then no user is made and they are told what to do', async (t) => {
  const server = await newServer(t)
  const code = server.wechat.login(news.appId, 'mei', { snapshot: true, scope: 'snsapi_userinfo' })
  assert.equal(outcomeOf(await server.post('/v1/login', { appId: news.appId, code })), '403 snapshot_user')
  assert.equal(server.count('users'), 0)
})

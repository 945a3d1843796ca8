import assert from 'node:assert/strict'
import { test } from 'node:test'
import { club, loner, shop } from '../fixture/apps.ts'
import { newServer } from '../fixture/server.ts'
import { addKey, dump } from './assertion.ts'
import { newFunction } from './cloud-function.ts'

test('two people call a cloud function one after the other, and each gets their own user and session', async (t) => {
  const server = await newServer(t)
  const { invoke, callOf } = await newFunction(t, server, { [shop.appId]: await addKey(server, shop) })
  const mei = await invoke(callOf(shop, 'mei'))
  const bo = await invoke(callOf(shop, 'bo'))
  for (const [person, login] of [
    ['mei', mei],
    ['bo', bo],
  ] as const) {
    assert.equal(login.openid, server.wechat.openid(shop.appId, person))
    assert.equal(login.unionid, server.wechat.unionid(shop.appId, person))
  }
  assert.notEqual(mei.user?.id, bo.user?.id)
  assert.equal((await invoke(callOf(shop, 'mei'))).user?.id, mei.user?.id)
  const byCode = await server.logIn(shop, 'mei')
  assert.equal(byCode.user.id, mei.user?.id, 'and by a code they are the same')
})

test('a person who logs in by code in one app and by cloud function in another is one user, in both orders', async (t) => {
  const server = await newServer(t)
  const { invoke, callOf } = await newFunction(t, server, { [club.appId]: await addKey(server, club) })
  const byCode = await server.logIn(shop, 'mei')
  assert.equal((await invoke(callOf(club, 'mei'))).user?.id, byCode.user.id)
  const byCloud = await invoke(callOf(club, 'bo'))
  assert.equal((await server.logIn(shop, 'bo')).user.id, byCloud.user?.id)
  assert.equal(server.count('users'), 2)
})

test('a cloud function of an app that is bound to nothing signs people in without a unionid', async (t) => {
  const server = await newServer(t)
  const { invoke, callOf } = await newFunction(t, server, { [loner.appId]: await addKey(server, loner) })
  const login = await invoke(callOf(loner, 'mei'))
  assert.deepEqual([login.openid, login.unionid], [server.wechat.openid(loner.appId, 'mei'), null])
})

test('in an environment shared between apps the caller is the person of the app that calls', async (t) => {
  const server = await newServer(t)
  const keys = { [shop.appId]: await addKey(server, shop), [club.appId]: await addKey(server, club, { alg: 'ES256' }) }
  const { invoke, callOf } = await newFunction(t, server, keys)
  const inShop = await invoke(callOf(shop, 'mei'))
  const inClub = await invoke(callOf(club, 'mei'))
  assert.equal(inClub.openid, server.wechat.openid(club.appId, 'mei'))
  assert.equal(inClub.user?.id, inShop.user?.id, 'one person, one unionid, one user')
  const withBoth = await invoke({ ...callOf(club, 'bo'), WX_OPENID: server.wechat.openid(shop.appId, 'mei') })
  assert.equal(withBoth.openid, server.wechat.openid(club.appId, 'bo'), 'not whoever the owning app has')
  assert.deepEqual(
    server
      .rows('SELECT app_id, COUNT(*) AS n FROM sessions GROUP BY app_id ORDER BY app_id')
      .map((row) => ({ ...row })),
    [
      { app_id: shop.appId, n: 1 },
      { app_id: club.appId, n: 2 },
    ],
  )
})

test('T03 given a call that no mini program made, then nobody is signed in, whatever the event says', async (t) => {
  const server = await newServer(t)
  const { invoke, callOf } = await newFunction(t, server, { [shop.appId]: await addKey(server, shop) })
  const mei = callOf(shop, 'mei')
  const before = dump(server)
  const openid = server.wechat.openid(shop.appId, 'bo')
  const forged = { userInfo: { openid, appId: shop.appId }, OPENID: openid, openid: openid, SOURCE: 'wx_client' }
  const codes: Record<string, unknown> = {}
  for (const [name, call] of Object.entries({
    'a timer': { TCB_SOURCE: 'wx_trigger' },
    'an empty context': {},
    'an HTTP call': { TCB_SOURCE: 'wx_http', WX_APPID: shop.appId, WX_OPENID: openid },
    'digits for an openid': { ...mei, WX_OPENID: '123456789012345678901234567890' },
    'digits for an app': { ...mei, WX_APPID: '1234567890' },
    'digits for a unionid': { ...mei, WX_UNIONID: '-1234' },
    'an app that the function does not serve': { ...mei, WX_APPID: club.appId },
  })) {
    codes[name] = (await invoke(call, forged)).problem?.code
  }
  assert.deepEqual(codes, {
    'a timer': 'forbidden',
    'an empty context': 'forbidden',
    'an HTTP call': 'forbidden',
    'digits for an openid': 'forbidden',
    'digits for an app': 'forbidden',
    'digits for a unionid': 'forbidden',
    'an app that the function does not serve': 'app_unknown',
  })
  assert.equal(dump(server), before)
  assert.equal(
    (await invoke(mei, forged)).openid,
    server.wechat.openid(shop.appId, 'mei'),
    'nor instead of who is calling',
  )
})

test('the server’s refusals reach the mini program as they are', async (t) => {
  const server = await newServer(t)
  const pair = await addKey(server, shop)
  const { invoke, callOf } = await newFunction(t, server, { [shop.appId]: pair })
  const mei = await invoke(callOf(shop, 'mei'))
  await server.admin('POST', `users/${mei.user?.id}/block`)
  assert.equal((await invoke(callOf(shop, 'mei'))).problem?.code, 'user_blocked')
  await server.admin('DELETE', `cloud-keys/${pair.kid}`)
  assert.equal((await invoke(callOf(shop, 'bo'))).problem?.code, 'assertion_invalid')
})

test('T03 given forty people who call one cloud function at once, then each gets their own session', async (t) => {
  const server = await newServer(t)
  const { invokeAll, callOf } = await newFunction(t, server, { [shop.appId]: await addKey(server, shop) })
  const people = Array.from({ length: 40 }, () => server.stranger())
  const logins = await invokeAll(people.map((person) => callOf(shop, person)))
  assert.deepEqual(
    logins.map(({ openid }) => openid),
    people.map((person) => server.wechat.openid(shop.appId, person)),
  )
  assert.equal(new Set(logins.map(({ user }) => user?.id)).size, 40)
})

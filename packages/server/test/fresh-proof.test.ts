import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoginReply } from '@hufu/contract'
import { club, loner, rival, shop, site } from './fixture/apps.ts'
import { outcomeOf, problemOf } from './fixture/reply.ts'
import { newServer, type TestServer } from './fixture/server.ts'
import { DAY, HOUR, MINUTE, SECOND } from './fixture/time.ts'

const erase = (server: TestServer, { accessToken: token }: Pick<LoginReply, 'accessToken'>, body?: object) =>
  server.ask('DELETE', '/v1/me', body === undefined ? { token } : { token, body })
const isThere = async (server: TestServer, { user }: LoginReply): Promise<boolean> =>
  ((await server.admin('GET', `users/${user.id}`)).body as { status: string }).status === 'active'

test('A10 a session of five minutes is fresh enough to delete oneself, and one of a millisecond more is not', async (t) => {
  const server = await newServer(t)
  for (const [age, expected] of [
    [0, '202'],
    [5 * MINUTE, '202'],
    [5 * MINUTE + 1, '401 login_required'],
    [14 * MINUTE, '401 login_required'],
  ] as const) {
    const login = await server.logIn(shop, server.stranger())
    server.advance(age)
    const reply = await erase(server, login, age === 0 ? undefined : {})
    assert.equal(outcomeOf(reply), expected, String(age))
    assert.equal(await isThere(server, login), expected !== '202')
    if (expected === '202') {
      assert.deepEqual(reply.body, { erasedBy: new Date(server.clock.now() + DAY).toISOString() })
      continue
    }
    assert.deepEqual(problemOf(reply), {
      type: '/problems/login_required',
      title: 'Fresh login required',
      status: 401,
      code: 'login_required',
      detail:
        'This wants a login of the last five minutes. Log in again and use the new access token, or send a fresh code of this person: {appId, code}.',
    })
    assert.match(reply.headers.get('www-authenticate') ?? '', /^Bearer error="insufficient_user_authentication"/)
    assert.equal((await server.get('/v1/me', login.accessToken)).status, 200, 'nobody is signed out by it')
  }
})

test('A10 no refresh, no step of the clock and no repeat of a code makes an old session fresh', async (t) => {
  const server = await newServer(t)
  const code = server.code(shop, 'mei')
  const login = (await server.post('/v1/login', { appId: shop.appId, code })).body as LoginReply
  server.advance(6 * MINUTE)
  const refreshed = await server.refresh(login.refreshToken)
  assert.equal(outcomeOf(await erase(server, refreshed)), '401 login_required')
  server.advance(-HOUR)
  assert.equal(outcomeOf(await erase(server, await server.refresh(refreshed.refreshToken))), '401 login_required')
  server.advance(HOUR)
  assert.equal(outcomeOf(await server.post('/v1/login', { appId: shop.appId, code })), '401 code_spent')
  const used = server.code(shop, 'mei')
  assert.equal((await server.post('/v1/login', { appId: shop.appId, code: used })).status, 200)
  assert.equal(outcomeOf(await erase(server, refreshed, { code: used })), '401 code_spent', 'a code works once')
  assert.equal(await isThere(server, login), true)
})

test('A10 a fresh code of this very person does, in the app of the session and in any other of theirs', async (t) => {
  const server = await newServer(t)
  for (const app of [undefined, shop, club, site]) {
    const person = server.stranger()
    const login = await server.logIn(shop, person)
    if (app && app !== shop) assert.equal((await server.logIn(app, person)).user.id, login.user.id)
    server.advance(10 * MINUTE)
    const body = { ...(app ? { appId: app.appId } : {}), code: server.code(app ?? shop, person) }
    assert.equal(outcomeOf(await erase(server, login, body)), '202', app?.kind)
    assert.equal(server.rows('SELECT status FROM users WHERE id = ?', login.user.id)[0]?.status, 'deleted')
    assert.equal(outcomeOf(await server.get('/v1/me', login.accessToken)), '401 token_invalid')
  }
})

test('A10 no code of somebody else, of another app or of nobody deletes anybody', async (t) => {
  const server = await newServer(t)
  const mei = await server.logIn(shop, 'mei')
  const bo = await server.logIn(shop, 'bo')
  await server.logIn(loner, 'bo')
  await server.logIn(rival, 'mei') // another realm, another user
  server.advance(10 * MINUTE)
  const asked: [string, object, string][] = [
    ['somebody else’s', { code: server.code(shop, 'bo') }, '401 login_required'],
    ['somebody whom nobody has met', { code: server.code(shop, server.stranger()) }, '401 login_required'],
    ['an app in which she is not known', { appId: club.appId, code: server.code(club, 'mei') }, '401 login_required'],
    ['somebody else’s, of their app', { appId: loner.appId, code: server.code(loner, 'bo') }, '401 login_required'],
    ['the same person in another realm', { appId: rival.appId, code: server.code(rival, 'mei') }, '401 login_required'],
    ['an app that is not there', { appId: 'wx0000000000000000', code: server.code(shop, 'mei') }, '401 login_required'],
    ['a code of another app of hers', { appId: shop.appId, code: server.code(club, 'mei') }, '401 code_invalid'],
    ['a code that WeChat does not know', { code: 'made-up' }, '401 code_invalid'],
    ['no code at all', { code: 'no such code!' }, '401 code_invalid'],
    ['a development code', { code: 'hufu-dev:mei' }, '401 code_invalid'],
    ['an app without a code', { appId: shop.appId }, '400 invalid_request'],
    ['an openid', { openid: mei.openid }, '400 invalid_request'],
    ['a person of high risk', { code: server.code(shop, server.stranger('blocked')) }, '403 risk_refused'],
  ]
  for (const [what, body, expected] of asked) {
    assert.equal(outcomeOf(await erase(server, mei, body)), expected, what)
    for (const login of [mei, bo]) assert.equal(await isThere(server, login), true, what)
  }
  assert.equal(server.rows('SELECT 1 FROM users').length, 4, 'and no code made a user')
})

test('A10 WeChat is asked only where the answer can help, and a fresh session costs it nothing', async (t) => {
  const server = await newServer(t)
  const login = await server.logIn(shop, 'mei')
  const calls = server.wechat.callCount()
  server.advance(10 * MINUTE)
  const clubCode = server.code(club, 'mei')
  const code = server.code(shop, 'mei')
  assert.equal(outcomeOf(await erase(server, login, { appId: club.appId, code: clubCode })), '401 login_required')
  assert.equal(server.wechat.callCount(), calls)
  const fresh = await server.logIn(shop, 'mei')
  assert.equal(outcomeOf(await erase(server, fresh, { code })), '202')
  assert.equal(server.wechat.callCount(), calls + 1, 'the login alone')
  await server.logIn(club, 'mei') // the code that was not needed is still good elsewhere
  const next = await server.post('/v1/login', { appId: shop.appId, code })
  assert.equal(next.status, 200)
})

test('A10 T29 made-up codes count against the limit of logins of their place', async (t) => {
  const server = await newServer(t, { settings: { HUFU_LOGIN_LIMIT: '5' }, peerOf: () => '198.51.100.7' })
  const login = await server.logIn(shop, 'mei')
  server.advance(10 * MINUTE)
  const outcomes = []
  for (let n = 0; n < 8; n++) outcomes.push(outcomeOf(await erase(server, login, { code: `made-up-${n}` })))
  assert.deepEqual(outcomes, [...Array(5).fill('401 code_invalid'), ...Array(3).fill('429 rate_limited')])
  server.advance(MINUTE)
  assert.equal(outcomeOf(await erase(server, login, { code: server.code(shop, 'mei') })), '202')
})

test('A10 after a unification the survivor is deleted by a code of either app', async (t) => {
  const server = await newServer(t)
  const elder = await server.logIn(loner, 'mei')
  server.advance(SECOND)
  const younger = await server.logIn(shop, 'mei')
  server.wechat.bind(loner.appId, 'owner')
  const both = await server.logIn(loner, 'mei')
  assert.deepEqual([both.user.id, both.user.formerIds], [elder.user.id, [younger.user.id]])
  server.advance(10 * MINUTE)
  const body = { appId: loner.appId, code: server.code(loner, 'mei') }
  assert.equal(outcomeOf(await erase(server, younger, body)), '202')
  assert.equal(server.rows("SELECT 1 FROM users WHERE status = 'active'").length, 0)
})

test('A10 in development the mock code of a person is proof of that person only', async (t) => {
  const server = await newServer(t, { settings: { HUFU_MODE: 'development' }, simulator: { devCodes: true } })
  const logIn = async (code: string) => (await server.post('/v1/login', { appId: shop.appId, code })).body as LoginReply
  const [mei, bo] = [await logIn('hufu-dev:mei'), await logIn('hufu-dev:bo')]
  server.advance(10 * MINUTE)
  assert.equal(outcomeOf(await erase(server, mei, { code: 'hufu-dev:bo' })), '401 login_required')
  assert.equal(outcomeOf(await erase(server, mei, { code: 'hufu-dev:mei' })), '202')
  assert.equal(await isThere(server, bo), true)
})

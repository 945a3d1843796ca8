import assert from 'node:assert/strict'
import { test } from 'node:test'
import { get, newSimulator, news, oauthToken, phoneApp, read, shop, site } from './fixture.ts'

const userInfo = (token: Record<string, unknown>, fields: Record<string, string> = {}) =>
  get('/sns/userinfo', { access_token: String(token.access_token), openid: String(token.openid), ...fields })

test('snsapi_base of an official account gives the openid and no unionid', () => {
  const simulator = newSimulator()
  const reply = simulator.answer('GET', oauthToken(simulator.login(news.appId, 'mei')))
  const { access_token, refresh_token, ...rest } = read(reply)
  assert.deepEqual(rest, { expires_in: 7200, openid: simulator.openid(news.appId, 'mei'), scope: 'snsapi_base' })
  for (const token of [access_token, refresh_token]) assert.match(String(token), /^\d\d_[\w-]{86}$/)
  assert.equal(reply.contentType, 'text/plain')
})

test('snsapi_userinfo gives the unionid last, the same as in the mini program', () => {
  const simulator = newSimulator()
  const code = simulator.login(news.appId, 'mei', { scope: 'snsapi_userinfo' })
  const fields = read(simulator.answer('GET', oauthToken(code)))
  assert.deepEqual(Object.keys(fields), ['access_token', 'expires_in', 'refresh_token', 'openid', 'scope', 'unionid'])
  assert.equal(fields.unionid, simulator.unionid(shop.appId, 'mei'))
})

test('websites and mobile apps have one scope each, with the unionid', () => {
  const simulator = newSimulator()
  for (const [app, scope] of [
    [site, 'snsapi_login'],
    [phoneApp, 'snsapi_userinfo'],
  ] as const) {
    const fields = read(simulator.answer('GET', oauthToken(simulator.login(app.appId, 'mei'), app)))
    assert.deepEqual([fields.scope, fields.unionid], [scope, simulator.unionid(shop.appId, 'mei')])
    assert.throws(() => simulator.login(app.appId, 'mei', { scope: 'snsapi_base' }), /cannot ask for the scope/)
  }
})

test('an unbound app gets no unionid even with consent', () => {
  const simulator = newSimulator()
  simulator.bind(news.appId, null)
  const code = simulator.login(news.appId, 'mei', { scope: 'snsapi_userinfo' })
  assert.ok(!('unionid' in read(simulator.answer('GET', oauthToken(code)))))
})

test('a snapshot page’s answer has is_snapshotuser, and its ids belong to nobody', () => {
  const simulator = newSimulator()
  const visit = () => {
    const code = simulator.login(news.appId, 'mei', { scope: 'snsapi_userinfo', snapshot: true })
    return read(simulator.answer('GET', oauthToken(code)))
  }
  const [one, two] = [visit(), visit()]
  assert.equal(one.is_snapshotuser, 1)
  assert.equal(new Set([one.openid, two.openid, simulator.openid(news.appId, 'mei')]).size, 3)
  assert.equal(new Set([one.unionid, two.unionid, simulator.unionid(news.appId, 'mei')]).size, 3)
  assert.equal(simulator.answer('GET', userInfo(one)).errcode, 48001)
})

test('sns/oauth2/access_token answers each mistake with its errcode', () => {
  const simulator = newSimulator()
  const code = simulator.login(news.appId, 'mei')
  const say = (fields: Record<string, string>, text = code) =>
    simulator.answer('GET', oauthToken(text, news, fields)).errcode
  assert.equal(say({ appid: '' }), 41002)
  assert.equal(say({ secret: '' }), 41004)
  assert.equal(say({ code: '' }), 41008)
  assert.equal(say({ grant_type: 'code' }), 40002)
  assert.equal(say({ appid: 'wxnone' }), 40013)
  assert.equal(say({ secret: 'wrong' }), 40125)
  assert.equal(say({}, simulator.login(site.appId, 'mei')), 40029)
  assert.equal(say({}, simulator.login(shop.appId, 'mei')), 40029)
  simulator.addPerson({ name: 'mei', risk: 'blocked' })
  assert.equal(say({}), 40226)
  simulator.addPerson({ name: 'mei', risk: 'normal' })
  assert.equal(say({}), undefined)
  assert.equal(say({}), 40163)
})

test('an official account’s code lives five minutes, a website’s ten', () => {
  const simulator = newSimulator()
  const codes = [news, site].map((app) => ({ app, code: simulator.login(app.appId, 'mei') }))
  simulator.advance(300)
  const said = codes.map(({ app, code }) => simulator.answer('GET', oauthToken(code, app)).errcode)
  assert.deepEqual(said, [40029, undefined])
})

test('userinfo answers for a consented, living token of this person', () => {
  const simulator = newSimulator()
  const token = read(simulator.answer('GET', oauthToken(simulator.login(site.appId, 'mei'), site)))
  const info = read(simulator.answer('GET', userInfo(token)))
  assert.deepEqual([info.openid, info.unionid, info.sex], [token.openid, token.unionid, 0])
  assert.equal(simulator.answer('GET', userInfo(token, { openid: 'oOther' })).errcode, 40003)
  assert.equal(simulator.answer('GET', userInfo(token, { openid: '' })).errcode, 41009)
  assert.equal(simulator.answer('GET', userInfo(token, { access_token: '' })).errcode, 41001)
  assert.equal(simulator.answer('GET', userInfo(token, { access_token: '99_x' })).errcode, 40001)
  const silent = read(simulator.answer('GET', oauthToken(simulator.login(news.appId, 'mei'))))
  assert.equal(simulator.answer('GET', userInfo(silent)).errcode, 48001)
  simulator.advance(7200)
  assert.equal(simulator.answer('GET', userInfo(token)).errcode, 42001)
})

test('sns/auth answers ok or the errcode of what is wrong', () => {
  const simulator = newSimulator()
  const token = read(simulator.answer('GET', oauthToken(simulator.login(news.appId, 'mei'))))
  const auth = (openid: string) => get('/sns/auth', { access_token: String(token.access_token), openid })
  assert.equal(simulator.answer('GET', auth(String(token.openid))).body, '{"errcode":0,"errmsg":"ok"}')
  assert.equal(simulator.answer('GET', auth('oOther')).errcode, 40003)
})

test('sns/oauth2/refresh_token renews a live token, replaces an expired one, and ends after 30 days', () => {
  const simulator = newSimulator()
  const token = read(simulator.answer('GET', oauthToken(simulator.login(site.appId, 'mei'), site)))
  const refresh = (fields: Record<string, string> = {}) =>
    simulator.answer(
      'GET',
      get('/sns/oauth2/refresh_token', {
        appid: site.appId,
        grant_type: 'refresh_token',
        refresh_token: String(token.refresh_token),
        ...fields,
      }),
    )
  simulator.advance(7199)
  assert.equal(read(refresh()).access_token, token.access_token)
  simulator.advance(7199)
  assert.equal(simulator.answer('GET', userInfo(token)).errcode, undefined)
  simulator.advance(1)
  const next = read(refresh())
  assert.notEqual(next.access_token, token.access_token)
  assert.deepEqual(Object.keys(next), ['access_token', 'expires_in', 'refresh_token', 'openid', 'scope'])
  assert.equal(simulator.answer('GET', userInfo(token)).errcode, 42001)
  assert.equal(simulator.answer('GET', userInfo(next)).errcode, undefined)

  assert.equal(refresh({ appid: '' }).errcode, 41002)
  assert.equal(refresh({ grant_type: 'x' }).errcode, 40002)
  assert.equal(refresh({ refresh_token: '' }).errcode, 41003)
  assert.equal(refresh({ appid: 'wxnone' }).errcode, 40013)
  assert.equal(refresh({ appid: news.appId }).errcode, 40030)
  assert.equal(refresh({ refresh_token: 'x' }).errcode, 40030)
  simulator.advance(30 * 24 * 3600)
  assert.equal(refresh().errcode, 42002)
})

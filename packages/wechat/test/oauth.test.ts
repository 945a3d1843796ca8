import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCall, fetchTransport, oauthIdentity, WeChatError } from '@hufu/wechat'
import { app, assertNoSecretIn, canary, code } from './canaries.ts'
import { always, rawServer } from './raw-server.ts'

const tokens = { access_token: '48_95Uv', expires_in: 7200, refresh_token: '48_mNWD' }
const openid = 'oRrdQt2LF0SpCODdV4KhLuEoPgwg'
const unionid = 'oU5Yyt8X-WpQeBsNFS4HuvmDwEhs'

test('the OAuth code of an official account, a website or a mobile app becomes a person', async (t) => {
  const server = await rawServer(t, () => {})
  const call = createCall(fetchTransport({ baseUrl: server.baseUrl }))
  const answers = [
    [
      { scope: 'snsapi_userinfo', unionid },
      { unionid: unionid, snapshotUser: false },
    ],
    [{ scope: 'snsapi_base' }, { unionid: undefined, snapshotUser: false }],
    [
      { scope: 'snsapi_base,snsapi_userinfo', is_snapshotuser: 1, unionid },
      { unionid: unionid, snapshotUser: true },
    ],
  ] as const
  for (const [members, person] of answers) {
    server.behaviour = always(JSON.stringify({ ...tokens, openid, ...members }))
    const expected: object = { openid: openid, scope: members.scope, ...person } // all of it: no token comes along
    assert.deepEqual(await oauthIdentity(app, code, call), expected)
  }
  assert.equal(server.asked[0]?.path, '/sns/oauth2/access_token')
  assert.deepEqual(Object.fromEntries(server.asked[0]?.query ?? []), {
    appid: app.id,
    secret: canary.secret,
    code: canary.code,
    grant_type: 'authorization_code',
  })
})

test('T10 a malformed OAuth answer makes no identity', async () => {
  const whole = { ...tokens, openid, scope: 'snsapi_base' }
  const wrong = [
    { ...whole, openid: undefined },
    { ...whole, openid: 1 },
    { ...whole, access_token: undefined },
    { ...whole, access_token: '' },
    { ...whole, access_token: 1 },
    { ...whole, scope: undefined },
    { ...whole, scope: ['snsapi_base'] },
    { ...whole, scope: 'a\nb' },
    { ...whole, unionid: 1 },
    { ...whole, is_snapshotuser: 2 },
    { ...whole, is_snapshotuser: 'yes' },
    { ...whole, is_snapshotuser: null },
  ]
  for (const body of wrong) {
    const call = createCall(async () => ({ status: 200, text: JSON.stringify(body) }))
    const thrown = await oauthIdentity(app, code, call).catch((error: unknown) => error)
    assert.ok(thrown instanceof WeChatError && thrown.code === 'unexpected', JSON.stringify(body))
    assertNoSecretIn(thrown)
  }
})

test('every spelling of is_snapshotuser is understood', async () => {
  for (const [flag, snapshotUser] of [
    [1, true],
    ['1', true],
    [true, true],
    [0, false],
    ['0', false],
    [false, false],
  ]) {
    const body = { ...tokens, openid, scope: 'snsapi_base', is_snapshotuser: flag }
    const person = await oauthIdentity(
      app,
      code,
      createCall(async () => ({ status: 200, text: JSON.stringify(body) })),
    )
    assert.equal(person.snapshotUser, snapshotUser)
  }
})

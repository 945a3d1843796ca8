import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { type CloudFunction, exampleFunction, startFunction } from './testing/cloud-function.ts'
import { type HufuFixture, loginReply, startHufuFixture } from './testing/hufu-fixture.ts'
import { apps, bo, mei, meiInClub, timer } from './testing/people.ts'

let hufu: HufuFixture
let login: CloudFunction

before(async () => {
  hufu = await startHufuFixture()
  const { jwk } = await hufu.addKey('Ed25519')
  login = await startFunction(exampleFunction(), { HUFU_SERVER: `${hufu.url}/`, HUFU_CLOUD_KEY: jwk })
})
beforeEach(() => {
  hufu.logins.length = 0
  hufu.refused.length = 0
})
after(async () => {
  await login.stop()
  await hufu.stop()
})

const codeOf = (result: unknown) => (result as { problem?: { code?: string } }).problem?.code
/** The people whom Hufu heard of in this test. */
const heard = () => hufu.logins.map(({ claims }) => claims.sub)

test('given two people who call one after the other, then each gets their own session', async () => {
  const first = await login.invoke(mei)
  const second = await login.invoke(bo)
  assert.deepEqual(first, loginReply({ iss: apps.shop, sub: 'oMei-in-shop_1', unionid: 'uMei' }))
  assert.deepEqual(second, loginReply({ iss: apps.shop, sub: 'oBo-in-shop' }))
  assert.deepEqual(hufu.refused, [])
})

test('T22: an assertion names one key, one algorithm, one app, one person, one server and one minute', async () => {
  const before = Math.floor(Date.now() / 1000)
  await login.invoke(mei)
  await login.invoke(bo)
  const [first, second] = hufu.logins
  assert.ok(first && second)
  assert.deepEqual(first.header, { alg: 'EdDSA', kid: 'ck_1', typ: 'JWT' })
  const { iat, exp, jti, ...rest } = first.claims
  assert.deepEqual(rest, { iss: apps.shop, sub: 'oMei-in-shop_1', aud: hufu.url, unionid: 'uMei' })
  assert.ok(iat && iat >= before && iat <= before + 5)
  assert.equal(exp, iat + 60)
  assert.ok(Buffer.from(String(jti), 'base64url').length >= 16)
  assert.notEqual(second.claims.jti, jti)
  assert.equal('unionid' in second.claims, false)
})

test('T03: nothing that the caller sends says who is calling', async () => {
  const someone = { openid: 'oBo-in-shop', OPENID: 'oBo-in-shop', appid: apps.club, unionid: 'uBo', sub: 'oBo-in-shop' }
  const forged = {
    ...someone,
    userInfo: { openId: 'oBo-in-shop', appId: apps.club },
    SOURCE: 'wx_client',
    event: someone,
  }
  await login.invoke(mei, forged)
  assert.deepEqual(heard(), ['oMei-in-shop_1'])
  assert.equal(codeOf(await login.invoke(timer, forged)), 'forbidden')
  assert.equal(codeOf(await login.invoke({}, forged)), 'forbidden')
  assert.deepEqual(heard(), ['oMei-in-shop_1'])
})

const { WX_OPENID: _openid, ...nameless } = mei
const { WX_APPID: _appid, ...homeless } = mei
for (const [name, call, code] of [
  ['a timer', timer, 'forbidden'],
  ['an empty context', {}, 'forbidden'],
  ['a source without a person', { TCB_SOURCE: 'wx_client' }, 'forbidden'],
  ['no openid', nameless, 'forbidden'],
  ['an empty openid', { ...mei, WX_OPENID: '' }, 'forbidden'],
  ['an openid of digits, which the SDK makes a number', { ...mei, WX_OPENID: '123456789012345678901234' }, 'forbidden'],
  ['an app of digits', { ...mei, WX_APPID: '1234' }, 'forbidden'],
  ['a unionid of digits', { ...mei, WX_UNIONID: '-1234' }, 'forbidden'],
  ['an openid that is none', { ...mei, WX_OPENID: 'o mei\n' }, 'forbidden'],
  ['no app', homeless, 'forbidden'],
  ['no source', { WX_OPENID: 'oMei', WX_APPID: apps.shop }, 'forbidden'],
  ['an HTTP trigger', { ...mei, TCB_SOURCE: 'wx_http' }, 'forbidden'],
  ['another function that nobody called', { ...mei, TCB_SOURCE: 'scf' }, 'forbidden'],
  ['a chain that begins elsewhere', { ...mei, TCB_SOURCE: 'wx_trigger,wx_client' }, 'forbidden'],
  ['the developer tools, unless allowed', { ...mei, TCB_SOURCE: 'wx_devtools' }, 'forbidden'],
  ['an app that borrows the environment, unless named', meiInClub, 'app_unknown'],
  ['a borrowing app without a person', { ...mei, WX_FROM_APPID: apps.club }, 'forbidden'],
  ['a borrowing person without an app', { ...mei, WX_FROM_OPENID: 'oMei-in-club' }, 'forbidden'],
  ['a borrowing unionid alone', { ...mei, WX_FROM_UNIONID: 'uMei' }, 'forbidden'],
] as const) {
  test(`T03: ${name} is refused before Hufu hears of it`, async () => {
    const result = await login.invoke(call)
    assert.equal(codeOf(result), code)
    assert.deepEqual(heard(), [])
    assert.deepEqual(hufu.refused, [])
  })
}

test('a refusal is returned as a problem, with the id of the invocation', async () => {
  const result = await login.invoke(timer)
  const { requestId } = (result as { problem: { requestId: string } }).problem
  assert.match(requestId, /^invocation-\d+$/)
  assert.deepEqual(result, {
    problem: {
      type: '/problems/forbidden',
      title: 'Forbidden',
      status: 403,
      code: 'forbidden',
      detail: 'Only a person in a mini program may call: nobody is calling here.',
      requestId,
    },
  })
})

test('given a call from WeChat DevTools, then the problem says how to allow it', async () => {
  const { problem } = (await login.invoke({ ...mei, TCB_SOURCE: 'wx_devtools' })) as { problem: { detail: string } }
  assert.match(problem.detail, /wx_devtools need it in `sources`/)
})

test('given a call through another cloud function, then the caller is the person who began it', async () => {
  await login.invoke({ ...mei, TCB_SOURCE: 'wx_client,scf' })
  assert.deepEqual(heard(), ['oMei-in-shop_1'])
})

test('an empty unionid is no unionid', async () => {
  await login.invoke({ ...mei, WX_UNIONID: '' })
  assert.deepEqual(
    hufu.logins.map(({ claims }) => 'unionid' in claims),
    [false],
  )
})

test('T03: invocations in flight at the same time never exchange their people', async () => {
  const people = Array.from({ length: 40 }, (_, i) => ({ ...bo, WX_OPENID: `oPerson${i}` }))
  const replies = await login.invokeAll(people)
  assert.deepEqual(
    replies.map((reply) => (reply as { openid: string }).openid),
    people.map((call) => call.WX_OPENID),
  )
  assert.deepEqual(hufu.refused, [])
})

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Call, type CloudFunction, startFunction } from './testing/cloud-function.ts'
import { apps, bo, mei, meiInClub, timer } from './testing/people.ts'

let who: CloudFunction
before(async () => {
  who = await startFunction(new URL('testing/whoami-function.cjs', import.meta.url))
})
after(() => who.stop())

const ask = (call: Call, event?: unknown, rules: unknown = { appIds: [apps.shop, apps.club] }) =>
  who.invoke({ ...call, RULES: JSON.stringify(rules) }, event)
const codeOf = (result: unknown) => (result as { code?: string }).code

test('whoami says who is calling, and in which app', async () => {
  assert.deepEqual(await ask(mei), { openid: 'oMei-in-shop_1', unionid: 'uMei', appid: apps.shop })
  assert.deepEqual(await ask(bo), { openid: 'oBo-in-shop', unionid: null, appid: apps.shop })
  assert.deepEqual(await ask(meiInClub), { openid: 'oMei-in-club', unionid: 'uMei', appid: apps.club })
})

test('T03: whoami throws a typed error where nobody is calling, whatever the event says', async () => {
  const forged = { userInfo: { openid: 'oMei-in-shop_1', appId: apps.shop }, OPENID: 'oMei-in-shop_1' }
  for (const call of [timer, {}, { ...mei, TCB_SOURCE: 'wx_http' }, { ...mei, WX_OPENID: '42' }]) {
    assert.equal(codeOf(await ask(call, forged)), 'forbidden')
  }
  assert.equal(codeOf(await ask({ ...mei, WX_APPID: 'wxstranger' }, forged)), 'app_unknown')
})

test('whoami must be told which apps to expect', async () => {
  for (const rules of [{}, { appIds: [] }, { appIds: apps.shop }, { appIds: [apps.shop], sources: ['scf'] }, null]) {
    assert.equal(codeOf(await ask(mei, {}, rules)), 'server_misconfigured')
  }
})

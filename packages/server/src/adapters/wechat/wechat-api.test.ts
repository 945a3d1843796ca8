import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Call, Secret, WeChatError, type WeChatErrorCode } from '@hufu/wechat'
import { appId, loginCode } from '@hufu/wechat/words'
import type { CodeApp } from '../../domain/app.ts'
import type { RealmId } from '../../domain/ids.ts'
import { ProblemError } from '../../domain/problem-error.ts'
import { wechatApi } from './wechat-api.ts'

const app: CodeApp = {
  id: appId('wx1'),
  realmId: 'default' as RealmId,
  kind: 'miniprogram',
  name: 'shop',
  secret: new Secret('AppSecret', 'secret'),
  origins: [],
  createdAt: 0,
}
const code = loginCode('code')
const log = { debug() {}, info() {}, warn() {}, error() {} }

/** A WeChat that fails as told, and a clock that moves by itself only while somebody waits. */
function newWeChat(fail: () => WeChatErrorCode | 'silence', options: { whole?: number } = {}) {
  const world = { now: 1_700_000_000_000, calls: 0 }
  const call: Call = () => {
    world.calls += 1
    const failure = fail()
    if (failure === 'silence') return new Promise(() => {})
    return Promise.reject(new WeChatError(failure, { path: '/sns/jscode2session', detail: 'as told' }))
  }
  const wechat = wechatApi({
    call,
    clock: { now: () => world.now },
    log,
    random: () => 0.5,
    pause: async (ms) => {
      world.now += ms
    },
    ...options,
  })
  const outcome = (clientAddress?: string): Promise<string> =>
    wechat.identify(app, code, clientAddress).then(
      () => 'somebody',
      (error: unknown) => (error instanceof ProblemError ? error.code : String(error)),
    )
  return Object.assign(world, { outcome })
}

test('T28 what cannot have used the code is tried three times, and what may have is not', async () => {
  for (const [failure, calls] of [
    ['unreachable', 3],
    ['busy', 3],
    ['outcome_unknown', 1],
    ['unexpected', 1],
    ['code_invalid', 1],
    ['rate_limited', 1],
  ] as const) {
    const wechat = newWeChat(() => failure)
    await wechat.outcome()
    assert.equal(wechat.calls, calls, failure)
  }
})

test('T28 no try begins that could not end within five seconds', async () => {
  const wechat = newWeChat(() => {
    wechat.now += 2_000 // each try takes as long
    return 'busy'
  })
  assert.equal(await wechat.outcome(), 'upstream_busy')
  assert.equal(wechat.calls, 2)
})

test('T28 silence in a later try ends when the time for the whole login is over', async () => {
  const wechat = newWeChat(
    () => {
      wechat.now += 900
      return wechat.calls === 1 ? 'busy' : 'silence'
    },
    { whole: 2_500 },
  )
  assert.equal(await wechat.outcome(), 'code_spent', 'it may have been used')
  assert.equal(wechat.calls, 2)
})

test('T29 what is one person’s or one code’s fault is not held against WeChat', async () => {
  for (const failure of ['code_invalid', 'code_used', 'risk_refused', 'rate_limited'] as const) {
    const wechat = newWeChat(() => failure)
    for (let n = 0; n < 100; n++) await wechat.outcome('10.0.0.1')
    assert.equal(wechat.calls, 100, failure)
  }
})

test('T29 an app out of quota is left alone only after refusals from five addresses, then asked once a second', async () => {
  const wechat = newWeChat(() => 'rate_limited')
  const addressOf = (n: number) => `10.0.0.${n % 5}`
  for (let n = 0; n < 20; n++) await wechat.outcome(addressOf(n))
  assert.equal(wechat.calls, 20)
  for (let n = 0; n < 50; n++) assert.equal(await wechat.outcome(addressOf(n)), 'rate_limited')
  assert.equal(wechat.calls, 21, 'one of them looked')
  wechat.now += 1_000
  for (let n = 0; n < 50; n++) await wechat.outcome(addressOf(n))
  assert.equal(wechat.calls, 22)
})

/** Logins that WeChat refuses for the app, four a second, until the app is paused. */
async function pauseApp(wechat: ReturnType<typeof newWeChat>): Promise<void> {
  for (let n = 0; n < 10; n++) {
    assert.equal(await wechat.outcome(), 'server_misconfigured')
    wechat.now += 250
  }
}

test('A5 a new AppSecret forgets what was held against the old one', async () => {
  const wechat = newWeChat(() => 'app_misconfigured')
  await pauseApp(wechat)
  for (let n = 0; n < 10; n++) assert.equal(await wechat.outcome(), 'server_misconfigured')
  assert.equal(wechat.calls, 10)
  const { secret } = app
  app.secret = new Secret('AppSecret', 'another')
  await wechat.outcome()
  assert.equal(wechat.calls, 11)
  app.secret = secret
})

test('A5 an app that WeChat accepts again, if only to refuse a code, is asked as ever', async () => {
  const wechat = newWeChat(() => (wechat.calls <= 10 ? 'app_misconfigured' : 'code_invalid'))
  await pauseApp(wechat)
  assert.equal(await wechat.outcome(), 'server_misconfigured')
  wechat.now += 1_000
  for (let n = 0; n < 10; n++) assert.equal(await wechat.outcome(), 'code_invalid')
})

test('T28 at most 256 calls of one app are under way at once', async () => {
  const wechat = newWeChat(() => 'silence', { whole: 1_100 })
  const all = Array.from({ length: 300 }, () => wechat.outcome())
  assert.equal(wechat.calls, 256)
  const late = await Promise.race(all.slice(256))
  assert.equal(late, 'upstream_busy', 'who got no slot in time has a code that is still good')
})

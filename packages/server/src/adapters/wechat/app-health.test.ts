import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret, WeChatError, type WeChatErrorCode } from '@hufu/wechat'
import { appId } from '@hufu/wechat/words'
import type { CodeApp } from '../../domain/app.ts'
import type { RealmId } from '../../domain/ids.ts'
import { ProblemError } from '../../domain/problem-error.ts'
import { type AppHealth, healthOfApps } from './app-health.ts'

const shop: CodeApp = {
  id: appId('wx1'),
  realmId: 'default' as RealmId,
  kind: 'miniprogram',
  name: 'shop',
  secret: new Secret('AppSecret', 'secret'),
  origins: [],
  createdAt: 0,
}
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const failure = (code: WeChatErrorCode) => new WeChatError(code, { path: '/sns/jscode2session', detail: 'as told' })

/** What a login at this moment is told before WeChat is asked. */
const outcomeAt = (health: AppHealth, now: number): string => {
  try {
    health.admit(now)
    return 'asks'
  } catch (error) {
    return error instanceof ProblemError ? error.code : String(error)
  }
}

test('an app that WeChat refuses is asked for once a minute, until WeChat takes it again', () => {
  const health = healthOfApps(silent)(shop)
  health.failed(failure('app_misconfigured'), undefined, 0)
  assert.deepEqual(
    [1, 59_999, 60_000, 60_001].map((now) => outcomeAt(health, now)),
    ['server_misconfigured', 'server_misconfigured', 'asks', 'server_misconfigured'],
  )
  health.failed(failure('code_invalid'), undefined, 60_002)
  assert.equal(outcomeAt(health, 60_003), 'asks')
})

test('T28 a WeChat that fails is left alone, and one call a second looks', () => {
  const health = healthOfApps(silent)(shop)
  for (let n = 0; n < 20; n++) health.failed(failure('unreachable'), undefined, 0)
  assert.deepEqual(
    [999, 1_000, 1_001].map((now) => outcomeAt(health, now)),
    ['upstream_unavailable', 'asks', 'upstream_unavailable'],
  )
  health.succeeded(1_500)
  assert.equal(outcomeAt(health, 1_500), 'asks')
})

test('the health of one app is not that of another, and a new AppSecret begins afresh', () => {
  const healthOf = healthOfApps(silent)
  healthOf(shop).failed(failure('app_misconfigured'), undefined, 0)
  const another = { ...shop, secret: new Secret('AppSecret', 'another') }
  assert.equal(outcomeAt(healthOf({ ...shop, id: appId('wx2') }), 1), 'asks')
  assert.equal(outcomeAt(healthOf({ ...shop, secret: new Secret('AppSecret', 'secret') }), 1), 'server_misconfigured')
  assert.equal(outcomeAt(healthOf(another), 1), 'asks')
})

test('what WeChat has against an app goes to the log, with the address that it saw and what to do', () => {
  const logged: unknown[] = []
  const health = healthOfApps({ ...silent, error: (event, _error, fields) => void logged.push({ event, ...fields }) })
  const refusal = new WeChatError('ip_refused', {
    path: '/sns/jscode2session',
    detail: 'as told',
    errcode: 40164,
    rid: 'rid-1',
    seenAddress: '203.0.113.7',
  })
  health(shop).failed(refusal, undefined, 0)
  const [{ advice, ...rest }] = logged as [{ advice: string }]
  assert.deepEqual(rest, {
    event: 'wechat_refuses_app',
    app: 'wx1',
    errcode: 40164,
    rid: 'rid-1',
    seenAddress: '203.0.113.7',
  })
  assert.match(advice, /IP/)
})

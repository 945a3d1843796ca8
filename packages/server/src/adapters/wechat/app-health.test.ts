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

/** WeChat refuses the app from this moment on, four times a second, for two seconds and a half. */
const refuse = (health: AppHealth, from: number, code: WeChatErrorCode = 'app_misconfigured'): void => {
  for (let n = 0; n <= 10; n++) health.failed(failure(code), undefined, from + n * 250)
}

test('A5 an app that WeChat refuses for a while is paused and asked for once a second, until WeChat takes it again', () => {
  const health = healthOfApps(silent)(shop)
  refuse(health, 0)
  assert.deepEqual(
    [2_501, 3_249, 3_250, 3_251, 4_249, 4_250].map((now) => outcomeAt(health, now)),
    ['server_misconfigured', 'server_misconfigured', 'asks', 'server_misconfigured', 'server_misconfigured', 'asks'],
  )
  health.failed(failure('code_invalid'), undefined, 4_251)
  assert.equal(outcomeAt(health, 4_251), 'asks')
})

test('A5 an address that WeChat refuses pauses nobody, however often', () => {
  const health = healthOfApps(silent)(shop)
  for (let n = 0; n < 1_000; n++) health.failed(failure('ip_refused'), undefined, n * 100)
  assert.equal(outcomeAt(health, 100_000), 'asks')
})

test('A5 what speaks of one person or one code in between says that WeChat takes the app', () => {
  for (const code of ['code_invalid', 'code_used', 'rate_limited', 'risk_refused'] as const) {
    const health = healthOfApps(silent)(shop)
    for (let n = 0; n < 1_000; n++) health.failed(failure(n % 10 === 9 ? code : 'quota_exhausted'), undefined, n * 500)
    assert.equal(outcomeAt(health, 500_000), 'asks', code)
  }
})

test('A5 what says nothing about the app does not hide that it is refused', () => {
  for (const code of ['unreachable', 'busy', 'ip_refused', 'unexpected'] as const) {
    const health = healthOfApps(silent)(shop)
    for (let n = 0; n < 12; n++) {
      health.failed(failure('app_misconfigured'), undefined, n * 250)
      health.failed(failure(code), undefined, n * 250 + 100)
    }
    assert.equal(outcomeAt(health, 3_000), 'server_misconfigured', code)
  }
})

test('A5 a gateway that refuses one request does not open the circuit for all', () => {
  for (const status of [301, 403, 404, 414, 429]) {
    const health = healthOfApps(silent)(shop)
    const refusal = new WeChatError('unexpected', { path: '/sns/jscode2session', detail: 'as told', status })
    for (let n = 0; n < 100; n++) health.failed(refusal, undefined, n)
    assert.equal(outcomeAt(health, 100), 'asks', String(status))
  }
  for (const status of [500, 502, 599, undefined]) {
    const health = healthOfApps(silent)(shop)
    const refusal = new WeChatError('unexpected', { path: '/sns/jscode2session', detail: 'as told', status })
    for (let n = 0; n < 20; n++) health.failed(refusal, undefined, n)
    assert.equal(outcomeAt(health, 100), 'upstream_unavailable', String(status))
  }
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
  refuse(healthOf(shop), 0)
  const another = { ...shop, secret: new Secret('AppSecret', 'another') }
  assert.equal(outcomeAt(healthOf({ ...shop, id: appId('wx2') }), 2_501), 'asks')
  assert.equal(
    outcomeAt(healthOf({ ...shop, secret: new Secret('AppSecret', 'secret') }), 2_501),
    'server_misconfigured',
  )
  assert.equal(outcomeAt(healthOf(another), 2_501), 'asks')
})

test('A5 what WeChat has against an app goes to the log, with the address that it saw and what to do', () => {
  const logged: { event: string; [name: string]: unknown }[] = []
  const health = healthOfApps({
    ...silent,
    error: (event, _error, fields) => void logged.push({ event, ...fields }),
    warn: (event, fields) => void logged.push({ event, ...fields }),
    info: (event, fields) => void logged.push({ event, ...fields }),
  })(shop)
  const refusal = (errcode: number, seenAddress?: string) =>
    new WeChatError(seenAddress ? 'ip_refused' : 'app_misconfigured', {
      path: '/sns/jscode2session',
      detail: 'as told',
      errcode,
      rid: 'rid-1',
      seenAddress,
    })
  // Two of our ways out are not on the list: each is told at once, and again once a minute with how often it came.
  for (let n = 0; n <= 60; n++) {
    for (const address of ['203.0.113.7', '2001:db8::7']) health.failed(refusal(40164, address), undefined, n * 1000)
  }
  assert.deepEqual(
    logged.map(({ event, app, errcode, rid, seenAddress, times }) => [event, app, errcode, rid, seenAddress, times]),
    [
      ['wechat_refuses_app', 'wx1', 40164, 'rid-1', '203.0.113.7', 1],
      ['wechat_refuses_app', 'wx1', 40164, 'rid-1', '2001:db8::7', 1],
      ['wechat_refuses_app', 'wx1', 40164, 'rid-1', '203.0.113.7', 60],
      ['wechat_refuses_app', 'wx1', 40164, 'rid-1', '2001:db8::7', 60],
    ],
  )
  assert.match(String(logged[0]?.advice), /IP/)

  logged.length = 0
  for (let n = 0; n < 20; n++) health.failed(refusal(40125), undefined, 61_000 + n * 500)
  health.succeeded(72_000)
  assert.deepEqual(
    logged.map(({ event }) => event),
    ['wechat_refuses_app', 'wechat_app_paused', 'wechat_app_resumed'],
  )
})

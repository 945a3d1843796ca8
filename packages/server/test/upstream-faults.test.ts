import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type FaultName, type FaultRule, faultNames } from '@hufu/simulator'
import { club, shop } from './fixture/apps.ts'
import { adminToken, masterKey } from './fixture/config.ts'
import { outcomeOf, problemOf } from './fixture/reply.ts'
import { newServer, type TestServer } from './fixture/server.ts'
import { canariesIn } from './fixture/spellings.ts'
import { MINUTE, SECOND } from './fixture/time.ts'

const SPENT = '401 code_spent'
const ODD = '502 upstream_error'

/** Every fault of the simulator, with what a login then answers. */
const FAULTS: Record<FaultName, { outcome: string; rule?: Partial<FaultRule> }> = {
  refuse: { outcome: '503 upstream_unavailable', rule: { ms: 60_000 } },
  'reset-before-headers': { outcome: SPENT },
  'reset-after-headers': { outcome: SPENT },
  'reset-mid-body': { outcome: SPENT },
  'close-before-headers': { outcome: SPENT },
  'half-closed': { outcome: SPENT },
  hang: { outcome: SPENT },
  'drop-after-redeem': { outcome: SPENT },
  'hang-after-redeem': { outcome: SPENT },
  slow: { outcome: SPENT, rule: { ms: 20 } },
  delay: { outcome: SPENT, rule: { ms: 60_000 } },
  'answer-twice': { outcome: '200' },
  redirect: { outcome: ODD },
  'http-error': { outcome: ODD },
  html: { outcome: ODD },
  empty: { outcome: ODD },
  null: { outcome: ODD },
  array: { outcome: ODD },
  truncated: { outcome: ODD },
  'trailing-bytes': { outcome: ODD },
  'control-characters': { outcome: ODD },
  'lone-surrogate': { outcome: ODD },
  'invalid-utf8': { outcome: ODD },
  bom: { outcome: '200' },
  'gzip-lie': { outcome: ODD },
  huge: { outcome: ODD },
  body: { outcome: ODD, rule: { body: '{"openid":"o1","session_key":' } },
  'content-type': { outcome: '200' },
  'content-type-none': { outcome: '200' },
  errcode: { outcome: '503 upstream_busy' },
  'errcode-string': { outcome: '401 code_invalid' },
  'errcode-zero': { outcome: '200' },
  'errcode-beside-data': { outcome: SPENT, rule: { times: 1 } }, // asked again, as for any -1, WeChat says "used"
  'extra-fields': { outcome: '200' },
  'openid-missing': { outcome: ODD },
  'openid-empty': { outcome: ODD },
  'openid-null': { outcome: ODD },
  'openid-number': { outcome: ODD },
  'openid-long': { outcome: ODD },
  'session-key-missing': { outcome: ODD },
  'session-key-empty': { outcome: ODD },
  'session-key-number': { outcome: ODD },
  'unionid-missing': { outcome: '200' },
  'unionid-present': { outcome: '200' },
  'unionid-changed': { outcome: '200' },
  'unionid-number': { outcome: ODD },
  'suffix-hints': { outcome: '200' },
  'suffix-none': { outcome: '200' },
}

/** What WeChat itself may refuse with, and what it becomes. */
const ERRCODES: Record<number, string> = {
  [-1]: '503 upstream_busy',
  40001: ODD,
  40013: '503 server_misconfigured',
  40014: ODD,
  40029: '401 code_invalid',
  40125: '503 server_misconfigured',
  40163: SPENT,
  40164: '503 server_misconfigured',
  40226: '403 risk_refused',
  40243: '503 server_misconfigured',
  41002: '503 server_misconfigured',
  41004: '503 server_misconfigured',
  42001: ODD,
  42003: '401 code_invalid',
  45009: '503 server_misconfigured',
  45011: '429 rate_limited',
  48001: '503 server_misconfigured',
  7777777: ODD,
}

/** Quiet enough for no fault to be held against the next. */
const pass = (server: TestServer) => server.advance(2 * MINUTE)

/** Faults that nothing but a deadline ends. */
const ENDED_BY_DEADLINE: readonly FaultName[] = ['hang', 'hang-after-redeem', 'slow', 'delay']
const OTHER_FAULTS = faultNames.filter((fault) => !ENDED_BY_DEADLINE.includes(fault))

for (const { faults, answer } of [
  { faults: ENDED_BY_DEADLINE, answer: 150 },
  { faults: OTHER_FAULTS, answer: 3000 },
]) {
  const which = faults === ENDED_BY_DEADLINE ? 'silences' : 'faults'
  test(`T05 T28 given ${faults.length} ${which} on the way to WeChat, then each has its problem, no secret is shown and the next login works`, (t) =>
    survive(t, faults, answer))
}

async function survive(t: TestContext, faults: readonly FaultName[], answer: number): Promise<void> {
  assert.deepEqual(Object.keys(FAULTS).sort(), [...faultNames].sort())
  const server = await newServer(t, { sockets: { answer } })
  for (const fault of faults) {
    const { outcome, rule = {} } = FAULTS[fault]
    const person = server.stranger()
    const code = server.code(shop, person)
    server.wechat.fault({ fault, ...rule })
    const users = server.count('users')
    const reply = await server.post('/v1/login', { appId: shop.appId, code })
    assert.equal(outcomeOf(reply), outcome, `${fault}: ${reply.text}`)
    if (outcome !== '200') assert.equal(server.count('users'), users, fault)
    const secrets = {
      AppSecret: shop.secret,
      code,
      session_key: server.wechat.sessionKey(shop.appId, person) ?? assert.fail(),
      'master key': masterKey,
      'admin token': adminToken,
    }
    assert.deepEqual(canariesIn(secrets, reply.text), [], `the answer to ${fault}`)
    assert.deepEqual(canariesIn(secrets, server.printed()), [], `the log after ${fault}`)
    assert.doesNotMatch(server.printed(), /[?&](?:secret|js_code|appid)=/)
    server.wechat.clearFaults()
    pass(server)
    await server.logIn(shop, person)
  }
}

test(`T28 given ${Object.keys(ERRCODES).length} refusals of WeChat, then each has its problem, makes no user, and the next login works`, async (t) => {
  const server = await newServer(t)
  for (const [errcode, outcome] of Object.entries(ERRCODES)) {
    const before = server.count('users')
    server.wechat.fault({ fault: 'errcode', errcode: Number(errcode), redeem: true })
    const person = server.stranger()
    const reply = await server.post('/v1/login', { appId: shop.appId, code: server.code(shop, person) })
    assert.equal(outcomeOf(reply), outcome, `${errcode}: ${reply.text}`)
    assert.equal(server.count('users'), before)
    server.wechat.clearFaults()
    pass(server)
    await server.logIn(shop, person)
  }
})

test('T28 given a busy WeChat, then it is asked three times with pauses and the caller is told to wait', async (t) => {
  const server = await newServer(t)
  server.wechat.fault({ fault: 'errcode', errcode: -1 })
  const body = { appId: shop.appId, code: server.code(shop, 'mei') }
  const reply = await server.post('/v1/login', body)
  assert.deepEqual(problemOf(reply), {
    type: '/problems/upstream_busy',
    title: 'WeChat busy',
    status: 503,
    code: 'upstream_busy',
    detail: 'WeChat is busy. The same code may be tried again.',
    retryAfter: 1,
  })
  assert.equal(reply.headers.get('retry-after'), '1')
  assert.equal(server.wechat.callCount(), 3)
  assert.equal(server.pauses.length, 2)
  for (const pause of server.pauses) assert.ok(pause >= 100 && pause <= 400, String(pause))

  server.wechat.clearFaults()
  server.wechat.fault({ fault: 'errcode', errcode: -1, times: 2 })
  assert.equal((await server.post('/v1/login', body)).status, 200, 'and the third try may succeed')
})

test('T28 given a failure that may have used the code, then WeChat is not asked again', async (t) => {
  const server = await newServer(t)
  for (const fault of ['hang', 'empty', 'openid-missing', 'html'] as const) {
    const before = server.wechat.callCount()
    server.wechat.fault({ fault })
    await server.post('/v1/login', { appId: shop.appId, code: server.code(shop, 'mei') })
    assert.equal(server.wechat.callCount(), before + 1, fault)
    server.wechat.clearFaults()
    pass(server)
  }
  assert.deepEqual(server.pauses, [])
})

test('T28 given a WeChat that is down, then few calls are made, nobody waits, and it is found again within a second', async (t) => {
  const server = await newServer(t)
  server.wechat.fault({ fault: 'html' })
  const post = () => server.post('/v1/login', { appId: shop.appId, code: server.code(shop, server.stranger()) })
  for (let n = 0; n < 20; n++) assert.equal(outcomeOf(await post()), ODD)
  for (let n = 0; n < 50; n++) {
    const reply = await post()
    assert.equal(outcomeOf(reply), '503 upstream_unavailable')
    assert.equal(reply.headers.get('retry-after'), '1')
  }
  assert.equal(server.wechat.callCount(), 20)
  server.advance(SECOND)
  assert.equal(outcomeOf(await post()), ODD, 'one call a second looks')
  assert.equal(outcomeOf(await post()), '503 upstream_unavailable')
  server.wechat.clearFaults()
  server.advance(SECOND)
  assert.equal(outcomeOf(await post()), '200')
  assert.equal(outcomeOf(await post()), '200')
})

test('T28 given one app that WeChat refuses, then another app’s logins go on', async (t) => {
  const server = await newServer(t)
  server.wechat.fault({ fault: 'html', appId: shop.appId })
  for (let n = 0; n < 25; n++) {
    await server.post('/v1/login', { appId: shop.appId, code: server.code(shop, server.stranger()) })
  }
  await server.logIn(club, 'mei')
})

test('A5 given an app that WeChat refuses, then WeChat is asked once a second until the AppSecret is changed', async (t) => {
  const server = await newServer(t)
  const { openAccount: _, realm: __, origins: ___, ...app } = shop
  server.wechat.addApp({ ...app, secret: 'the-owner-has-reset-it-at-wechat' })
  const post = () => server.post('/v1/login', { appId: shop.appId, code: server.code(shop, server.stranger()) })
  const reply = await post()
  assert.deepEqual(problemOf(reply), {
    type: '/problems/server_misconfigured',
    title: 'Server not in order',
    status: 503,
    code: 'server_misconfigured',
    detail: 'The operator of this server must look at its log: WeChat refuses the app.',
  })
  assert.match(server.printed(), /"errcode":40125/)
  assert.equal(server.printed().match(/"msg":"wechat_refuses_app"/g)?.length, 1)
  for (let n = 1; n < 10; n++) {
    server.advance(SECOND / 4)
    assert.equal(outcomeOf(await post()), '503 server_misconfigured')
  }
  assert.equal(server.wechat.callCount(), 10, 'one refusal concerns one login')
  for (let n = 0; n < 10; n++) assert.equal(outcomeOf(await post()), '503 server_misconfigured')
  assert.equal(server.wechat.callCount(), 10, 'the app is paused')
  server.advance(SECOND)
  await Promise.all(Array.from({ length: 50 }, post))
  assert.equal(server.wechat.callCount(), 11)

  const changed = await server.admin('PATCH', `apps/${shop.appId}`, { secret: 'the-owner-has-reset-it-at-wechat' })
  assert.equal(changed.status, 200, changed.text)
  assert.equal(outcomeOf(await post()), '200')
})

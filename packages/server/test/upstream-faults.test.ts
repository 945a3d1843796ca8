import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type FaultName, type FaultRule, faultNames } from '@hufu/simulator'
import { canariesIn } from './canaries.ts'
import {
  adminToken,
  club,
  MINUTE,
  masterKey,
  newWorld,
  outcomeOf,
  problemOf,
  SECOND,
  shop,
  type World,
} from './world.ts'

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
  40226: '403 user_blocked',
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
const pass = (world: World) => world.advance(2 * MINUTE)

/** These end by a deadline and by nothing else. */
const SILENT: readonly FaultName[] = ['hang', 'hang-after-redeem', 'slow', 'delay']
const LOUD = faultNames.filter((fault) => !SILENT.includes(fault))

for (const { faults, answer } of [
  { faults: SILENT, answer: 150 },
  { faults: LOUD, answer: 3000 },
]) {
  const which = faults === SILENT ? 'silences' : 'faults'
  test(`T05 T28 ${faults.length} ${which} on the way to WeChat: the right answer in time, no secret anywhere, and the next login works`, (t) =>
    survive(t, faults, answer))
}

async function survive(t: TestContext, faults: readonly FaultName[], answer: number): Promise<void> {
  assert.deepEqual(Object.keys(FAULTS).sort(), [...faultNames].sort())
  const world = await newWorld(t, { sockets: { answer } })
  for (const fault of faults) {
    const { outcome, rule = {} } = FAULTS[fault]
    const person = world.stranger()
    const code = world.code(shop, person)
    world.wechat.fault({ fault, ...rule })
    const users = world.count('users')
    const reply = await world.post('/v1/login', { appId: shop.appId, code })
    assert.equal(outcomeOf(reply), outcome, `${fault}: ${reply.text}`)
    if (outcome !== '200') assert.equal(world.count('users'), users, fault)
    const secrets = {
      AppSecret: shop.secret,
      code,
      session_key: world.wechat.sessionKey(shop.appId, person) ?? assert.fail(),
      'master key': masterKey,
      'admin token': adminToken,
    }
    assert.deepEqual(canariesIn(secrets, reply.text), [], `the answer to ${fault}`)
    assert.deepEqual(canariesIn(secrets, world.printed()), [], `the log after ${fault}`)
    assert.doesNotMatch(world.printed(), /[?&](?:secret|js_code|appid)=/)
    world.wechat.clearFaults()
    pass(world)
    await world.logIn(shop, person)
  }
}

test(`T28 ${Object.keys(ERRCODES).length} refusals of WeChat get their class, make nobody, and the next login works`, async (t) => {
  const world = await newWorld(t)
  for (const [errcode, outcome] of Object.entries(ERRCODES)) {
    const before = world.count('users')
    world.wechat.fault({ fault: 'errcode', errcode: Number(errcode), redeem: true })
    const person = world.stranger()
    const reply = await world.post('/v1/login', { appId: shop.appId, code: world.code(shop, person) })
    assert.equal(outcomeOf(reply), outcome, `${errcode}: ${reply.text}`)
    assert.equal(world.count('users'), before)
    world.wechat.clearFaults()
    pass(world)
    await world.logIn(shop, person)
  }
})

test('T28 WeChat is busy: asked three times with pauses, then the caller is told to wait', async (t) => {
  const world = await newWorld(t)
  world.wechat.fault({ fault: 'errcode', errcode: -1 })
  const body = { appId: shop.appId, code: world.code(shop, 'mei') }
  const reply = await world.post('/v1/login', body)
  assert.deepEqual(problemOf(reply), {
    type: '/problems/upstream_busy',
    title: 'WeChat busy',
    status: 503,
    code: 'upstream_busy',
    detail: 'WeChat is busy. The same code may be tried again.',
    retryAfter: 1,
  })
  assert.equal(reply.headers.get('retry-after'), '1')
  assert.equal(world.wechat.callCount(), 3)
  assert.equal(world.pauses.length, 2)
  for (const pause of world.pauses) assert.ok(pause >= 100 && pause <= 400, String(pause))

  world.wechat.clearFaults()
  world.wechat.fault({ fault: 'errcode', errcode: -1, times: 2 })
  assert.equal((await world.post('/v1/login', body)).status, 200, 'and the third try may succeed')
})

test('T28 what may have used the code up is never asked again', async (t) => {
  const world = await newWorld(t)
  for (const fault of ['hang', 'empty', 'openid-missing', 'html'] as const) {
    const before = world.wechat.callCount()
    world.wechat.fault({ fault })
    await world.post('/v1/login', { appId: shop.appId, code: world.code(shop, 'mei') })
    assert.equal(world.wechat.callCount(), before + 1, fault)
    world.wechat.clearFaults()
    pass(world)
  }
  assert.deepEqual(world.pauses, [])
})

test('T28 a WeChat that is down costs few calls, others wait for nothing, and it is found again within a second', async (t) => {
  const world = await newWorld(t)
  world.wechat.fault({ fault: 'html' })
  const post = () => world.post('/v1/login', { appId: shop.appId, code: world.code(shop, world.stranger()) })
  for (let n = 0; n < 20; n++) assert.equal(outcomeOf(await post()), ODD)
  for (let n = 0; n < 50; n++) {
    const reply = await post()
    assert.equal(outcomeOf(reply), '503 upstream_unavailable')
    assert.equal(reply.headers.get('retry-after'), '1')
  }
  assert.equal(world.wechat.callCount(), 20)
  world.advance(SECOND)
  assert.equal(outcomeOf(await post()), ODD, 'one call a second looks')
  assert.equal(outcomeOf(await post()), '503 upstream_unavailable')
  world.wechat.clearFaults()
  world.advance(SECOND)
  assert.equal(outcomeOf(await post()), '200')
  assert.equal(outcomeOf(await post()), '200')
})

test('T28 one app in trouble does not stop another', async (t) => {
  const world = await newWorld(t)
  world.wechat.fault({ fault: 'html', appId: shop.appId })
  for (let n = 0; n < 25; n++) {
    await world.post('/v1/login', { appId: shop.appId, code: world.code(shop, world.stranger()) })
  }
  await world.logIn(club, 'mei')
})

test('an app that WeChat refuses is asked about once a minute, however many people wait; a new AppSecret ends that', async (t) => {
  const world = await newWorld(t)
  const { openAccount: _, realm: __, origins: ___, ...app } = shop
  world.wechat.addApp({ ...app, secret: 'the-owner-has-reset-it-at-wechat' })
  const post = () => world.post('/v1/login', { appId: shop.appId, code: world.code(shop, world.stranger()) })
  const reply = await post()
  assert.deepEqual(problemOf(reply), {
    type: '/problems/server_misconfigured',
    title: 'Server not in order',
    status: 503,
    code: 'server_misconfigured',
    detail: 'The operator of this server must look at its log: WeChat refuses the app.',
  })
  assert.match(world.printed(), /"errcode":40125/)
  assert.match(world.printed(), /"msg":"wechat_refuses_app"/)
  for (let n = 0; n < 10; n++) assert.equal(outcomeOf(await post()), '503 server_misconfigured')
  assert.equal(world.wechat.callCount(), 1)
  world.advance(MINUTE)
  await Promise.all(Array.from({ length: 50 }, post))
  assert.equal(world.wechat.callCount(), 2)

  const changed = await world.admin('PATCH', `apps/${shop.appId}`, { secret: 'the-owner-has-reset-it-at-wechat' })
  assert.equal(changed.status, 200, changed.text)
  assert.equal(outcomeOf(await post()), '200')
})

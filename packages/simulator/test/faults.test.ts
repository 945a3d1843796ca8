import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type FaultName, type FaultRule, faultNames, faults } from '../src/index.ts'
import { codeToSession, loner, MORNING, newSimulator, shop } from './fixture.ts'
import { type Heard, hear } from './raw-http.ts'

const json = ({ body }: Heard) => JSON.parse(body.toString())
const lengthOf = ({ head }: Heard) => Number(/content-length: (\d+)/i.exec(head)?.[1])
const isWhole = (heard: Heard) => heard.end === 'closed' && heard.body.length === lengthOf(heard)

type TestSimulator = ReturnType<typeof newSimulator>
type Check = {
  rule?: Omit<FaultRule, 'fault'>
  /** The app that logs in: the shop, which has a unionid, unless said otherwise. */
  app?: { appId: string; secret: string }
  says: (heard: Heard, simulator: TestSimulator) => void
}

const success = (heard: Heard) => {
  assert.match(heard.head, /^HTTP\/1\.1 200 OK/)
  assert.ok(isWhole(heard))
  const { openid, session_key, unionid, ...extra } = json(heard)
  return { openid, session_key, unionid, extra }
}
const nothingThen = (end: string) => (heard: Heard) => {
  assert.deepEqual([heard.head, heard.body.length, heard.end], ['', 0, end])
}
const text = (expected: RegExp) => (heard: Heard) => {
  assert.ok(isWhole(heard))
  assert.match(heard.body.toString(), expected)
}
const openidIs = (right: (openid: unknown) => boolean) => (heard: Heard) => {
  const { openid, session_key } = success(heard)
  assert.ok(right(openid))
  assert.ok(session_key)
}
const keyIs = (right: (key: unknown) => boolean) => (heard: Heard) => assert.ok(right(success(heard).session_key))

/** What each fault looks like to one request that asks with a good code. */
const checks = {
  'reset-before-headers': { says: nothingThen('ECONNRESET') },
  'drop-after-redeem': { says: nothingThen('ECONNRESET') },
  'close-before-headers': { says: nothingThen('closed') },
  'reset-after-headers': {
    says(heard) {
      assert.match(heard.head, /^HTTP\/1\.1 200 OK/)
      assert.deepEqual([heard.body.length, heard.end], [0, 'ECONNRESET'])
    },
  },
  'reset-mid-body': {
    says(heard) {
      assert.match(heard.body.toString(), /^\{"session_key"/)
      assert.ok(heard.body.length < lengthOf(heard))
      assert.equal(heard.end, 'ECONNRESET')
    },
  },
  'half-closed': {
    says(heard) {
      assert.ok(heard.body.length > 0 && heard.body.length < lengthOf(heard))
      assert.equal(heard.end, 'closed')
    },
  },
  slow: { rule: { ms: 1 }, says: (heard) => assert.ok(success(heard).openid && heard.pieces > 20) },
  delay: { rule: { ms: 1 }, says: (heard) => assert.ok(success(heard).openid) },
  'answer-twice': { says: (heard) => assert.equal(heard.body.toString().split('"session_key"').length, 3) },
  redirect: {
    rule: { location: 'http://127.0.0.1:9/' },
    says: ({ head }) => assert.match(head, /^HTTP\/1\.1 301 [\s\S]*\r\nLocation: http:\/\/127\.0\.0\.1:9\/\r\n/),
  },
  'http-error': {
    rule: { status: 503 },
    says(heard) {
      assert.match(heard.head, /^HTTP\/1\.1 503 [\s\S]*text\/html/)
      assert.match(heard.body.toString(), /^<html>/)
    },
  },
  html: {
    says(heard) {
      assert.match(heard.head, /^HTTP\/1\.1 200 [\s\S]*text\/html/)
      assert.match(heard.body.toString(), /^<html>/)
    },
  },
  empty: { says: text(/^$/) },
  null: { says: text(/^null$/) },
  array: { says: text(/^\[\{"session_key".*\}\]$/) },
  truncated: { says: text(/^\{"session_key"[^}]*$/) },
  'trailing-bytes': { says: text(/^\{"session_key".*\}\s0;\}$/) },
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what this fault sends
  'control-characters': { says: text(/^\{"session_key":"\u0000\u0001\u001b/) },
  'lone-surrogate': { says: openidIs((id) => String(id).endsWith('\ud800')) },
  'invalid-utf8': { says: ({ body }) => assert.ok(body.includes(Buffer.from('"openid":"\xff\xc0\x80o', 'latin1'))) },
  bom: { says: ({ body }) => assert.equal(body.subarray(0, 4).toString('hex'), 'efbbbf7b') },
  'gzip-lie': {
    says(heard) {
      assert.match(heard.head, /Content-Encoding: gzip/)
      assert.ok(success(heard).openid)
    },
  },
  huge: {
    says(heard) {
      assert.ok(heard.body.length > 10 * 1024 * 1024)
      assert.ok(success(heard).openid)
    },
  },
  body: {
    rule: { body: '{"openid":{}}', contentType: 'text/x' },
    says(heard) {
      assert.match(heard.head, /Content-Type: text\/x/)
      assert.equal(heard.body.toString(), '{"openid":{}}')
    },
  },
  'content-type': { says: ({ head }) => assert.match(head, /Content-Type: text\/html; charset=gbk/) },
  'content-type-none': { says: ({ head }) => assert.doesNotMatch(head, /content-type/i) },
  errcode: {
    rule: { errcode: 45011 },
    says: text(/^\{"errcode":45011,"errmsg":"api minute-quota reach limit, must slower, retry next minute, rid: /),
  },
  'errcode-string': { rule: { errcode: 40163 }, says: text(/^\{"errcode":"40163","errmsg":"code been used, rid: /) },
  'errcode-zero': { says: (heard) => assert.deepEqual(success(heard).extra, { errcode: 0, errmsg: 'ok' }) },
  'errcode-beside-data': { says: (heard) => assert.equal(success(heard).extra.errcode, -1) },
  'extra-fields': { says: (heard) => assert.ok(success(heard).openid && success(heard).extra.expires_in === 7200) },
  'openid-missing': { says: openidIs((id) => id === undefined) },
  'openid-empty': { says: openidIs((id) => id === '') },
  'openid-null': { says: openidIs((id) => id === null) },
  'openid-number': { says: openidIs((id) => typeof id === 'number') },
  'openid-long': { says: openidIs((id) => String(id).length === 1024) },
  'session-key-missing': { says: keyIs((key) => key === undefined) },
  'session-key-empty': { says: keyIs((key) => key === '') },
  'session-key-number': { says: keyIs((key) => typeof key === 'number') },
  'unionid-missing': { says: (heard) => assert.equal(success(heard).unionid, undefined) },
  'unionid-present': { app: loner, says: (heard) => assert.match(success(heard).unionid, /^o[\w-]{27}$/) },
  'unionid-changed': {
    says(heard, simulator) {
      assert.match(success(heard).unionid, /^o[\w-]{27}$/)
      assert.notEqual(success(heard).unionid, simulator.unionid(shop.appId, 'mei'))
    },
  },
  'unionid-number': { says: (heard) => assert.equal(success(heard).unionid, 7) },
  'suffix-hints': { says: (heard) => assert.ok(success(heard).openid) },
  'suffix-none': { says: (heard) => assert.ok(success(heard).openid) },
} satisfies Partial<Record<FaultName, Check>>

async function listening(t: TestContext, simulator = newSimulator()) {
  const listener = await simulator.listen()
  t.after(listener.close)
  return { simulator, url: listener.url, listener }
}

for (const [fault, { rule, app = shop, says }] of Object.entries<Check>(checks)) {
  const name = faultNames.find((one) => one === fault) ?? assert.fail()
  const { about, redeems } = faults[name]
  test(`${fault}: ${about}; the code is ${redeems ? 'spent' : 'not spent'}, and the next answer is good`, async (t) => {
    const { simulator, url } = await listening(t)
    const [code, next] = [simulator.login(app.appId, 'mei'), simulator.login(app.appId, 'mei')]
    simulator.fault({ ...rule, fault: name, match: '/sns/', times: 1 })
    says(await hear(url, codeToSession(code, app)), simulator)
    const again = json(await hear(url, codeToSession(code, app)))
    assert.equal(again.errcode, redeems ? 40163 : undefined)
    assert.equal(json(await hear(url, codeToSession(next, app))).openid, simulator.openid(app.appId, 'mei'))
    assert.equal(simulator.calls()[0]?.fault, fault)
  })
}

test('every fault that the simulator offers is tested here', () => {
  const apart: FaultName[] = ['refuse', 'hang', 'hang-after-redeem']
  assert.deepEqual([...Object.keys(checks), ...apart].sort(), [...faultNames].sort())
})

for (const [fault, second] of [
  ['hang', undefined],
  ['hang-after-redeem', 40163],
] as const) {
  test(`${fault}: no answer, however long others are served; closing the simulator ends it`, async (t) => {
    const { simulator, url, listener } = await listening(t)
    const code = simulator.login(shop.appId, 'mei')
    simulator.fault({ fault, times: 1 })
    const hanging = hear(url, codeToSession(code))
    while (simulator.callCount() === 0) await new Promise(setImmediate)
    assert.equal(json(await hear(url, codeToSession(code))).errcode, second)
    await listener.close()
    const { head, body } = await hanging
    assert.deepEqual([head, body.length], ['', 0])
  })
}

test('refuse: the port closes, open connections end, and clearing the fault opens it again', async (t) => {
  const { simulator, url } = await listening(t)
  const idle = connect(Number(new URL(url).port), '127.0.0.1')
  const idleEnded = new Promise((done) => idle.once('close', done))
  idle.on('error', () => {})
  await new Promise((done) => idle.once('connect', done))
  simulator.fault({ fault: 'refuse', ms: 60_000 })
  assert.equal((await hear(url, codeToSession('unknown'))).end, 'ECONNREFUSED')
  await idleEnded
  simulator.clearFaults()
  assert.equal(json(await hear(url, codeToSession('unknown'))).errcode, 40029)
})

test('refuse set through the control API: its answer still comes, and the port opens again by itself', async (t) => {
  const { url } = await listening(t)
  const reply = await fetch(`${url}/_sim/faults`, { method: 'POST', body: '{"fault":"refuse","ms":30}' })
  assert.equal(reply.status, 200)
  assert.equal((await hear(url, codeToSession('unknown'))).end, 'ECONNREFUSED')
  let heard = await hear(url, codeToSession('unknown'))
  while (heard.end === 'ECONNREFUSED') heard = await hear(url, codeToSession('unknown'))
  assert.equal(json(heard).errcode, 40029)
})

test('delay: the code is spent at once though the answer waits', async (t) => {
  const { simulator, url } = await listening(t)
  const code = simulator.login(shop.appId, 'mei')
  simulator.fault({ fault: 'delay', ms: 50, times: 1 })
  const arrivals: string[] = []
  const late = hear(url, codeToSession(code)).then((heard) => arrivals.push(`late ${json(heard).openid}`))
  while (simulator.callCount() === 0) await new Promise(setImmediate)
  arrivals.push(`second ${json(await hear(url, codeToSession(code))).errcode}`)
  await late
  assert.deepEqual(arrivals, ['second 40163', `late ${simulator.openid(shop.appId, 'mei')}`])
})

test('answer-twice: the second copy is read by the next request on the connection', async (t) => {
  const { simulator, url } = await listening(t)
  simulator.fault({ fault: 'answer-twice', times: 1 })
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  t.after(() => socket.destroy())
  let heard = ''
  const until = (done: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => (done() ? resolve() : socket.once('data', look))
      look()
    })
  socket.on('data', (piece) => {
    heard += piece
  })
  const ask = (person: string) =>
    socket.write(`GET ${codeToSession(simulator.login(shop.appId, person))} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  ask('mei')
  await until(() => heard.split('HTTP/1.1 200').length === 3 && heard.endsWith('}'))
  assert.equal(heard.split(simulator.openid(shop.appId, 'mei')).length, 3)
  ask('bo')
  await until(() => heard.includes(simulator.openid(shop.appId, 'bo')))
})

test('suffix: a refusal carries the request id in WeChat’s other styles', () => {
  const simulator = newSimulator()
  simulator.fault({ fault: 'suffix-hints', times: 1 })
  simulator.fault({ fault: 'suffix-none', times: 1 })
  const say = () => JSON.parse(String(simulator.answer('GET', codeToSession('unknown')).body)).errmsg
  assert.match(say(), /^invalid code, hints: \[ req_id: [\w-]+ \]$/)
  assert.equal(say(), 'invalid code')
  assert.match(say(), /^invalid code, rid: /)
})

test('errcode: any errcode can be answered, with WeChat’s text, a given one, or an unknown one', () => {
  const simulator = newSimulator()
  const say = (errcode: number, errmsg?: string) => {
    simulator.clearFaults()
    simulator.fault({ fault: 'errcode', errcode, errmsg })
    return JSON.parse(String(simulator.answer('GET', codeToSession('x')).body))
  }
  assert.match(say(-1).errmsg, /^system error, rid: /)
  assert.match(say(40164).errmsg, /^invalid ip 203\.0\.113\.7 ipv6 .*, not in whitelist, rid: /)
  assert.match(say(98765).errmsg, /^unknown error, rid: /)
  assert.match(say(40013, 'own words').errmsg, /^own words, rid: /)
})

test('a fault that sends no answer can still spend the code', () => {
  const simulator = newSimulator()
  const code = simulator.login(shop.appId, 'mei')
  simulator.fault({ fault: 'http-error', times: 1, redeem: true })
  assert.equal(simulator.answer('GET', codeToSession(code)).status, 502)
  assert.equal(simulator.answer('GET', codeToSession(code)).errcode, 40163)
})

test('a rule meets only its path, its app and its number of requests', () => {
  const simulator = newSimulator()
  const rule = simulator.fault({ fault: 'errcode', errcode: 40226, match: '/sns/jscode', appId: loner.appId, times: 2 })
  const say = (target: string) => simulator.answer('GET', target).errcode
  assert.equal(say(codeToSession('x')), 40029)
  assert.equal(say(codeToSession('x', loner).replace('jscode2session', 'auth')), 41001)
  assert.equal(say(codeToSession('x', loner)), 40226)
  assert.equal(say(codeToSession('x', loner)), 40226)
  assert.equal(say(codeToSession('x', loner)), 40029)
  assert.equal(rule.hits, 2)
})

test('a rule for an app meets its calls with an access token or a JSON body too', () => {
  const simulator = newSimulator()
  const body = JSON.stringify({ grant_type: 'client_credential', appid: shop.appId, secret: shop.secret })
  const token = JSON.parse(String(simulator.answer('POST', '/cgi-bin/stable_token', body).body)).access_token
  simulator.fault({ fault: 'errcode', errcode: -1, appId: shop.appId })
  assert.equal(simulator.answer('GET', `/wxa/checksession?access_token=${token}`).errcode, -1)
  assert.equal(simulator.answer('POST', '/cgi-bin/stable_token', body).errcode, -1)
  assert.equal(simulator.answer('POST', '/cgi-bin/stable_token', body.replace(shop.appId, loner.appId)).errcode, 40125)
})

test('a fault with a rate meets its share of requests, and the seed decides which', () => {
  const struck = (seed: string) => {
    const simulator = newSimulator({ seed })
    simulator.fault({ fault: 'errcode', errcode: -1, rate: 0.2 })
    return Array.from({ length: 1000 }, () => simulator.answer('GET', codeToSession('x')).errcode === -1)
  }
  const count = struck('a').filter(Boolean).length
  assert.ok(count > 150 && count < 250, `${count} of 1000`)
  assert.deepEqual(struck('a'), struck('a'))
  assert.notDeepEqual(struck('a'), struck('b'))
})

test('without sockets, a fault that leaves no answer gives status 0, and the code is spent where the fault says so', () => {
  const simulator = newSimulator()
  const code = simulator.login(shop.appId, 'mei')
  for (const [fault, errcode] of [
    ['hang', undefined],
    ['reset-before-headers', undefined],
    ['drop-after-redeem', 40163],
  ] as const) {
    const one = fault === 'drop-after-redeem' ? code : simulator.login(shop.appId, 'mei')
    simulator.fault({ fault, times: 1 })
    assert.deepEqual(
      [simulator.answer('GET', codeToSession(one)).status, simulator.answer('GET', codeToSession(one)).errcode],
      [0, errcode],
    )
  }
})

test('faults can be listed and cleared', () => {
  const simulator = newSimulator({ now: () => MORNING })
  simulator.fault({ fault: 'empty' })
  simulator.fault({ fault: 'bom', times: 3 })
  assert.deepEqual(
    simulator.faults().map(({ fault }) => fault),
    ['empty', 'bom'],
  )
  simulator.clearFaults()
  assert.deepEqual(simulator.faults(), [])
  assert.equal(simulator.answer('GET', codeToSession('x')).errcode, 40029)
})

test('a fault rule that makes no sense is refused with the reason', () => {
  const simulator = newSimulator()
  const refused: [FaultRule, RegExp][] = [
    [{ fault: 'empty', ms: 5 }, /empty takes no ms/],
    [{ fault: 'delay', status: 500 }, /delay takes no status/],
    [{ fault: 'empty', match: 'sns' }, /match/],
    [{ fault: 'empty', times: 0 }, /times/],
    [{ fault: 'empty', times: 1.5 }, /times/],
    [{ fault: 'empty', rate: 1.1 }, /rate/],
    [{ fault: 'http-error', status: 200 }, /status/],
    [{ fault: 'delay', ms: -1 }, /ms/],
    [{ fault: 'empty', redeem: false }, /redeem/],
    [{ fault: 'refuse', times: 1 }, /refuse shuts the whole port/],
  ]
  for (const [rule, message] of refused) assert.throws(() => simulator.fault(rule), message)
})

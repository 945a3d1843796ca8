import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { codeToSession, MORNING, newSimulator, shop } from './fixture.ts'

async function newControl(t: TestContext, simulator = newSimulator()) {
  const listener = await simulator.listen()
  t.after(listener.close)
  const ask = async (method: string, path: string, body?: unknown) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const reply = await fetch(listener.url + path, text === undefined ? { method } : { method, body: text })
    assert.equal(reply.headers.get('content-type'), 'application/json')
    return { status: reply.status, body: JSON.parse(await reply.text()) }
  }
  const post = async (path: string, body: unknown) => {
    const reply = await ask('POST', path, body)
    assert.equal(reply.status, 200, reply.body.message)
    return reply.body
  }
  return { simulator, url: listener.url, ask, post }
}

test('the control API adds an app and a person, makes a code, binds an app, sets a fault and moves the clock', async (t) => {
  const { url, ask, post } = await newControl(t)
  const app = { appId: 'wx00000000000000ff', kind: 'miniprogram', secret: 'over-http', openAccount: null }
  const login = async () => {
    const { code } = await post('/_sim/login', { appId: app.appId, person: '小明' })
    return JSON.parse(await (await fetch(url + codeToSession(code, app))).text())
  }
  assert.deepEqual(await post('/_sim/apps', app), { appId: app.appId })
  assert.equal((await post('/_sim/people', { name: '小明', phone: '13580006666' })).risk, 'normal')
  const first = await login()
  assert.deepEqual(Object.keys(first), ['session_key', 'openid'])

  assert.deepEqual(await post('/_sim/bind', { appId: app.appId, openAccount: 'owner' }), {
    appId: app.appId,
    openAccount: 'owner',
  })
  const second = await login()
  const { body: person } = await ask('GET', `/_sim/people/${encodeURIComponent('小明')}`)
  assert.equal(person.phone, '13580006666')
  assert.deepEqual(
    person.apps.find((one: { appId: string }) => one.appId === app.appId),
    { appId: app.appId, openid: first.openid, unionid: second.unionid },
  )

  await post('/_sim/faults', { match: '/sns/', fault: 'errcode', errcode: -1, times: 1 })
  assert.equal((await login()).errcode, -1)
  assert.equal((await login()).openid, first.openid)

  assert.deepEqual(await post('/_sim/clock', { advanceSeconds: 61 }), { now: MORNING + 61_000 })
  assert.notEqual((await login()).session_key, first.session_key)
  const data = await post('/_sim/open-data', { appId: app.appId, person: '小明' })
  assert.deepEqual(Object.keys(data), ['encryptedData', 'iv', 'rawData', 'signature'])
  assert.match((await post('/_sim/phone-code', { appId: app.appId, person: '小明' })).code, /^[0-9a-f]{64}$/)
})

test('the control API sets a person’s risk, replaces a session_key, and lists apps and people', async (t) => {
  const { simulator, ask, post } = await newControl(t)
  await post('/_sim/people', { name: 'mei', risk: 'blocked' })
  assert.deepEqual((await ask('GET', '/_sim/people')).body.items[0].risk, 'blocked')
  simulator.login(shop.appId, 'mei')
  const key = simulator.sessionKey(shop.appId, 'mei')
  await post('/_sim/rotate-session-key', { appId: shop.appId, person: 'mei' })
  assert.notEqual(simulator.sessionKey(shop.appId, 'mei'), key)
  const { items } = (await ask('GET', '/_sim/apps')).body
  assert.deepEqual(items[0], { appId: shop.appId, kind: 'miniprogram', openAccount: 'owner', frozen: false })
  assert.deepEqual((await ask('GET', '/_sim/clock')).body, { now: MORNING })
})

test('faults are listed with their hits, and cleared', async (t) => {
  const { simulator, ask, post } = await newControl(t)
  await post('/_sim/faults', { fault: 'empty', match: '/sns/', times: 5 })
  simulator.answer('GET', codeToSession('x'))
  const rule = { fault: 'empty', match: '/sns/', times: 5, hits: 1 }
  assert.deepEqual((await ask('GET', '/_sim/faults')).body, { items: [rule] })
  assert.deepEqual((await ask('DELETE', '/_sim/faults')).body, { items: [] })
  assert.deepEqual(simulator.faults(), [])
})

test('the control API refuses bad input with a reason and does not quote it', async (t) => {
  const { ask } = await newControl(t)
  const login = '/_sim/login'
  const refused: [string, string, unknown, number, string, RegExp][] = [
    ['GET', '/_sim', undefined, 404, 'not_found', /There is: \/_sim\/apps/],
    ['GET', '/_sim/nothing', undefined, 404, 'not_found', /There is/],
    ['GET', '/_sim/people/nobody', undefined, 404, 'not_found', /No person/],
    ['GET', '/_sim/people/%zz', undefined, 400, 'invalid_request', /percent/],
    ['GET', '/_sim/toString', undefined, 404, 'not_found', /There is/],
    ['PUT', login, '{}', 405, 'method_not_allowed', /takes POST/],
    ['GET', login, undefined, 405, 'method_not_allowed', /takes POST/],
    ['POST', login, '', 400, 'invalid_request', /not JSON/],
    ['POST', login, '{', 400, 'invalid_request', /not JSON/],
    ['POST', login, 'null', 400, 'invalid_request', /JSON object/],
    ['POST', login, '[]', 400, 'invalid_request', /JSON object/],
    ['POST', login, {}, 400, 'invalid_request', /appId must be text/],
    ['POST', login, { appId: 1, person: 'mei' }, 400, 'invalid_request', /appId must be text/],
    ['POST', login, { appId: shop.appId }, 400, 'invalid_request', /person must be text/],
    ['POST', login, { appId: shop.appId, person: 'mei', openid: 'o' }, 400, 'invalid_request', /Unknown field: openid/],
    ['POST', login, '{"appId":"wx1","person":"x","__proto__":{}}', 400, 'invalid_request', /Unknown field: __proto__/],
    ['POST', login, { appId: 'wxnone', person: 'mei' }, 404, 'not_found', /No app/],
    ['POST', login, { appId: shop.appId, person: 'mei', scope: 'all' }, 400, 'invalid_request', /scope must be one of/],
    ['POST', '/_sim/apps', { ...shop, kind: 'game' }, 400, 'invalid_request', /kind must be one of miniprogram/],
    ['POST', '/_sim/apps', { appId: 'wx1', kind: 'website' }, 400, 'invalid_request', /secret must be text/],
    ['POST', '/_sim/bind', { appId: shop.appId }, 400, 'invalid_request', /openAccount must be text/],
    ['POST', '/_sim/people', { name: 'x', risk: 'high' }, 400, 'invalid_request', /risk must be one of/],
    ['POST', '/_sim/clock', { advanceSeconds: '60' }, 400, 'invalid_request', /advanceSeconds must be a number/],
    ['POST', '/_sim/faults', { fault: 'explode' }, 400, 'invalid_request', /fault must be one of refuse, /],
    ['POST', '/_sim/faults', { fault: 'empty', times: 0 }, 400, 'invalid_request', /times/],
    ['POST', '/_sim/open-data', { appId: shop.appId, person: 'mei' }, 400, 'invalid_request', /log in first/],
  ]
  for (const [method, path, body, status, error, message] of refused) {
    const reply = await ask(method, path, body)
    assert.deepEqual([reply.status, reply.body.error], [status, error], `${method} ${path}`)
    assert.match(reply.body.message, message)
    assert.deepEqual(Object.keys(reply.body), ['error', 'message'])
  }
})

test('the log of calls shows what was asked, in order and without a secret or a token', async (t) => {
  const { simulator, url, ask } = await newControl(t)
  const code = simulator.login(shop.appId, 'mei')
  await fetch(url + codeToSession(code))
  await fetch(url + codeToSession(code, shop, { other: `x${shop.secret}y` }))
  const client = { grant_type: 'client_credential', appid: shop.appId, secret: shop.secret }
  const stable = await fetch(`${url}/cgi-bin/stable_token`, { method: 'POST', body: JSON.stringify(client) })
  const { access_token } = JSON.parse(await stable.text())
  await fetch(`${url}/wxa/checksession?access_token=${access_token}&openid=o`)
  const { status, body } = await ask('GET', '/_sim/calls')
  assert.equal(status, 200)
  assert.equal(body.count, 4)
  assert.deepEqual(body.items[0], {
    n: 1,
    at: MORNING,
    method: 'GET',
    path: '/sns/jscode2session',
    query: [
      ['appid', shop.appId],
      ['secret', '[secret]'],
      ['js_code', code],
      ['grant_type', 'authorization_code'],
    ],
    body: '',
    status: 200,
    errcode: null,
    fault: null,
  })
  assert.deepEqual(body.items[1].query.at(-1), ['other', 'x[secret]y'])
  assert.equal(body.items[1].errcode, 40163)
  assert.ok(!JSON.stringify(body).includes(shop.secret))
  assert.ok(!JSON.stringify(body).includes(access_token))
})

test('the log of calls shows repeated and encoded parameters as they were understood', () => {
  const simulator = newSimulator()
  simulator.answer('GET', '/sns/jscode2session?js_code=a%26appid%3Db&js_code=c+d')
  assert.deepEqual(simulator.calls()[0]?.query, [
    ['js_code', 'a&appid=b'],
    ['js_code', 'c d'],
  ])
})

test('the log of calls hides a secret as short as one letter only where it is the secret', () => {
  const simulator = newSimulator()
  simulator.addApp({ appId: 'wx1', kind: 'miniprogram', secret: 's' })
  simulator.answer('GET', '/sns/jscode2session?appid=wx1&secret=s')
  const [call] = simulator.calls()
  assert.equal(call?.path, '/sns/jscode2session')
  assert.deepEqual(call?.query, [
    ['appid', 'wx1'],
    ['secret', '[secret]'],
  ])
  simulator.answer('POST', '/cgi-bin/stable_token', '{"appid":"wx1","secret":"s"}')
  assert.equal(simulator.calls()[1]?.body, '{"appid":"wx1","secret":"[secret]"}')
})

test('the log of calls keeps the newest and counts all', () => {
  const simulator = newSimulator({ keepCalls: 3 })
  for (let i = 0; i < 8; i++) simulator.answer('GET', `/n${i}`)
  assert.equal(simulator.callCount(), 8)
  assert.deepEqual(
    simulator.calls().map(({ n, path }) => [n, path]),
    [
      [6, '/n5'],
      [7, '/n6'],
      [8, '/n7'],
    ],
  )
})

test('given a fault that sends no answer, then the call is logged without a status', async (t) => {
  const { simulator, url } = await newControl(t)
  simulator.fault({ fault: 'drop-after-redeem', times: 1 })
  await assert.rejects(fetch(url + codeToSession(simulator.login(shop.appId, 'mei'))))
  const [call] = simulator.calls()
  assert.deepEqual([call?.status, call?.errcode, call?.fault], [null, null, 'drop-after-redeem'])
})

test('a body of more than a megabyte is refused, and a client that goes away disturbs nobody', async (t) => {
  const { url, post } = await newControl(t)
  const reply = await fetch(`${url}/_sim/people`, { method: 'POST', body: 'x'.repeat(2 * 1024 * 1024) }).catch(
    () => null,
  )
  assert.ok(reply === null || reply.status === 413)
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => {})
  socket.write('POST /_sim/people HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"na')
  socket.destroy()
  await post('/_sim/people', { name: 'lan' })
})

test('one simulator can listen at several places, and each closes on its own', async (t) => {
  const simulator = newSimulator()
  const [one, two] = [await simulator.listen(), await simulator.listen()]
  t.after(two.close)
  await one.close()
  await assert.rejects(fetch(one.url))
  assert.equal((await fetch(two.url)).status, 200)
})

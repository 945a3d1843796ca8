import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createFakeWx, createVirtualTime, type FakeWxOptions } from '../src/wx.ts'

const url = 'https://api.example/orders'

/** A fake on virtual time whose requests are answered by `respond`, or echoed. */
function newPhone(options: Partial<FakeWxOptions> = {}) {
  const time = createVirtualTime()
  const fake = createFakeWx({
    appId: 'wx1',
    scheduler: time,
    respond: (request) => ({ status: 200, body: request }),
    ...options,
  })
  return { time, ...fake }
}

/** The three callbacks, and which of them came. */
function callbacks() {
  const came: [string, unknown][] = []
  return {
    came,
    success: (result: unknown) => void came.push(['success', result]),
    fail: (failure: unknown) => void came.push(['fail', failure]),
    complete: (result: unknown) => void came.push(['complete', result]),
  }
}

const last = (came: [string, unknown][]): Record<string, unknown> => ({ ...(came[0]?.[1] as object) })

test('wx.login calls back in a later turn, returns nothing, and gives a new code each time', async () => {
  const { wx, time, count } = newPhone()
  const [first, second] = [callbacks(), callbacks()]
  assert.equal(wx.login(first), undefined)
  wx.login(second)
  assert.equal(first.came.length, 0)
  await time.advance(0)
  assert.deepEqual(
    first.came.map(([name]) => name),
    ['success', 'complete'],
  )
  assert.deepEqual([last(first.came).code, last(second.came).code, count('login')], ['code-1', 'code-2', 2])
})

test('a code source hears which person holds the phone, and in which app', async () => {
  const { wx, time, handTo } = newPhone({ person: 'mei', codes: ({ appId, person }) => `${appId}:${person}` })
  const [first, second] = [callbacks(), callbacks()]
  wx.login(first)
  await time.advance(0)
  handTo('lin')
  wx.login(second)
  await time.advance(0)
  assert.deepEqual([last(first.came).code, last(second.came).code], ['wx1:mei', 'wx1:lin'])
})

test('wx.login fails, is empty, is silent or throws when told to, once each', async () => {
  const { wx, time, failNext } = newPhone()
  const outcomes: unknown[] = []
  for (const fault of ['fail', 'empty', 'never'] as const) {
    failNext('login', fault)
    const each = callbacks()
    wx.login(each)
    await time.advance(60_000)
    outcomes.push(each.came[0]?.[0] ?? 'nothing', last(each.came).code)
  }
  assert.deepEqual(outcomes, ['fail', undefined, 'success', '', 'nothing', undefined])
  failNext('login', 'throw')
  assert.throws(() => wx.login({}), /login:fail/)
  const each = callbacks()
  wx.login(each)
  await time.advance(0)
  assert.equal(each.came[0]?.[0], 'success')
})

test('the busiest second of wx.login is counted, and a fifth call in it can be refused', async () => {
  const { wx, time, loginsInBusiestSecond } = newPhone({ enforceLoginRate: true })
  const all = Array.from({ length: 6 }, callbacks)
  for (const each of all) {
    wx.login(each)
    await time.advance(150)
  }
  assert.equal(loginsInBusiestSecond(), 6)
  assert.deepEqual(
    all.map((each) => each.came[0]?.[0]),
    ['success', 'success', 'success', 'success', 'fail', 'fail'],
  )
  await time.advance(1000)
  const later = callbacks()
  wx.login(later)
  await time.advance(0)
  assert.equal(later.came[0]?.[0], 'success')
})

test('wx.request: any status is success, JSON is parsed, and a task comes back', async () => {
  const { wx, time } = newPhone({ respond: () => ({ status: 503, headers: { 'X-A': '1' }, body: { busy: true } }) })
  const each = callbacks()
  const task = wx.request({ url, ...each })
  assert.deepEqual([typeof task.abort, 'then' in task], ['function', false])
  await time.advance(0)
  assert.deepEqual(last(each.came), {
    statusCode: 503,
    data: { busy: true },
    header: { 'X-A': '1' },
    cookies: [],
    errMsg: 'request:ok',
  })
})

test('wx.request: a body that is not JSON stays text, and dataType and responseType are obeyed', async () => {
  const { wx, time } = newPhone({ respond: () => ({ status: 200, body: '{"a":1' }) })
  const [cut, raw, bytes] = [callbacks(), callbacks(), callbacks()]
  wx.request({ url, ...cut })
  wx.request({ url, dataType: 'text', ...raw })
  wx.request({ url, responseType: 'arraybuffer', ...bytes })
  await time.advance(0)
  assert.deepEqual([last(cut.came).data, last(raw.came).data], ['{"a":1', '{"a":1'])
  assert.equal((last(bytes.came).data as ArrayBuffer).byteLength, 6)
})

test('wx.request: data becomes a query for GET, JSON or a form for the rest', async () => {
  const { wx, time } = newPhone()
  const sent = async (options: object) => {
    const each = callbacks()
    wx.request({ url, ...options, ...each })
    await time.advance(0)
    const {
      url: at,
      method,
      body,
      headers,
    } = last(each.came).data as { headers: Record<string, string> } & Record<string, unknown>
    return [method, at, body, headers['content-type']]
  }
  const json = 'application/json'
  assert.deepEqual(await sent({ data: { a: 1, b: '二' } }), ['GET', `${url}?a=1&b=%E4%BA%8C`, undefined, json])
  assert.deepEqual(await sent({ method: 'post', data: { a: 1 } }), ['POST', url, '{"a":1}', json])
  assert.deepEqual(await sent({ method: 'PUT', data: 'text' }), ['PUT', url, 'text', json])
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
  assert.deepEqual(await sent({ method: 'POST', data: { a: 1 }, header: form }), [
    'POST',
    url,
    'a=1',
    form['Content-Type'],
  ])
})

test('wx.request fails for what no mini program can send: PATCH, and an address that is not http', async () => {
  const { wx, time } = newPhone()
  const [patch, relative] = [callbacks(), callbacks()]
  wx.request({ url, method: 'PATCH', ...patch })
  wx.request({ url: '/orders', ...relative })
  await time.advance(0)
  assert.match(String(last(patch.came).errMsg), /^request:fail method/)
  assert.match(String(last(relative.came).errMsg), /^request:fail invalid url/)
})

test('header names come back in the case that the test chose', async () => {
  const cases = { 'as-sent': 'x-RateLimit', lower: 'x-ratelimit', title: 'X-Ratelimit', upper: 'X-RATELIMIT' } as const
  for (const [headerCase, name] of Object.entries(cases) as [keyof typeof cases, string][]) {
    const { wx, time } = newPhone({ headerCase, respond: () => ({ status: 200, headers: { 'x-RateLimit': '9' } }) })
    const each = callbacks()
    wx.request({ url, ...each })
    await time.advance(0)
    assert.deepEqual(last(each.came).header, { [name]: '9' })
  }
})

test('the WeChat gateway drops x-wx- headers; the referer cannot be set', async () => {
  for (const gateway of [false, true]) {
    const { wx, time } = newPhone({ gateway })
    const each = callbacks()
    wx.request({ url, header: { 'X-WX-SKEY': 'a', Referer: 'mine', N: 1 }, ...each })
    await time.advance(0)
    const { headers } = last(each.came).data as { headers: Record<string, string> }
    assert.equal(headers['x-wx-skey'], gateway ? undefined : 'a')
    assert.deepEqual([headers.referer, headers.n], ['https://servicewechat.com/wx1/devtools/page-frame.html', '1'])
    assert.equal(last(each.came).errMsg, gateway ? 'gateway.call:ok' : 'request:ok')
  }
})

test('a "lost" request reached the server and fails; a "fail" one reached nobody', async () => {
  const reached: string[] = []
  const { wx, time, failNext } = newPhone({
    respond: ({ url: at }) => {
      reached.push(at)
      return { status: 200 }
    },
  })
  failNext('request', 'lost', { when: (at) => at.endsWith('/lost') })
  failNext('request', 'fail', { when: (at) => at.endsWith('/fail') })
  const [lost, failed, fine] = [callbacks(), callbacks(), callbacks()]
  wx.request({ url: `${url}/lost`, ...lost })
  wx.request({ url: `${url}/fail`, ...failed })
  wx.request({ url, ...fine })
  await time.advance(0)
  assert.deepEqual(
    [lost, failed, fine].map((each) => each.came[0]?.[0]),
    ['fail', 'fail', 'success'],
  )
  assert.deepEqual(reached, [`${url}/lost`, url])
})

test('a request ends at its timeout, at sixty seconds at the latest, and never twice', async () => {
  const { wx, time } = newPhone({ latency: { request: 50_000 } })
  const [short, long] = [callbacks(), callbacks()]
  wx.request({ url, timeout: 2000, ...short })
  wx.request({ url, timeout: 90_000, ...long })
  await time.advance(2000)
  assert.equal(last(short.came).errMsg, 'request:fail timeout')
  await time.advance(58_000)
  assert.equal(last(long.came).errMsg, 'request:fail timeout')
  await time.advance(100_000)
  assert.deepEqual([short.came.length, long.came.length], [2, 2])
})

test('an abort ends a request at once', async () => {
  const { wx, time } = newPhone()
  const each = callbacks()
  wx.request({ url, ...each }).abort()
  assert.equal(last(each.came).errMsg, 'request:fail abort')
  await time.advance(1000)
  assert.equal(each.came.length, 2)
})

test('five seconds in the background interrupt requests, those under way and new ones', async () => {
  const { wx, time, goBackground, comeBack } = newPhone({ latency: { request: 4000 } })
  const [under, fresh, after] = [callbacks(), callbacks(), callbacks()]
  wx.request({ url, ...under })
  goBackground()
  await time.advance(5000)
  assert.equal(last(under.came).errMsg, 'request:fail interrupted')
  wx.request({ url, ...fresh })
  await time.advance(4000)
  assert.equal(last(fresh.came).errMsg, 'request:fail interrupted')
  comeBack()
  wx.request({ url, ...after })
  await time.advance(8000)
  assert.equal(after.came[0]?.[0], 'success')
})

test('less than five seconds in the background interrupts nothing', async () => {
  const { wx, time, goBackground, comeBack } = newPhone({ latency: { request: 4000 } })
  const each = callbacks()
  wx.request({ url, ...each })
  goBackground()
  await time.advance(3000)
  comeBack()
  await time.advance(10_000)
  assert.equal(each.came[0]?.[0], 'success')
})

test('requests at once are counted', async () => {
  const { wx, time, mostRequestsAtOnce } = newPhone({ latency: { request: 10 } })
  for (let round = 0; round < 3; round += 1) wx.request({ url })
  await time.advance(100)
  wx.request({ url })
  assert.equal(mostRequestsAtOnce(), 3)
})

test('storage: a missing key is an empty string, values are copies, limits and faults throw', () => {
  const { wx, failNext } = newPhone()
  assert.equal(wx.getStorageSync('none'), '')
  const value = { list: [1] }
  wx.setStorageSync('key', value)
  value.list.push(2)
  assert.deepEqual(wx.getStorageSync('key'), { list: [1] })
  assert.throws(() => wx.setStorageSync('big', 'x'.repeat(1024 * 1024)), /entry size limit/)
  const almost = 'x'.repeat(1024 * 1024 - 2)
  for (let at = 0; at < 9; at += 1) wx.setStorageSync(`k${at}`, almost)
  assert.throws(() => wx.setStorageSync('k9', almost), /exceed storage max size/)
  wx.setStorageSync('k8', almost)
  wx.removeStorageSync('k8')
  assert.equal(wx.getStorageSync('k8'), '')
  for (const api of ['getStorageSync', 'setStorageSync', 'removeStorageSync'] as const) {
    failNext(api, 'throw')
    assert.throws(() => wx[api]('key', 1), new RegExp(`${api}:fail`))
  }
  wx.clearStorageSync()
  assert.equal(wx.getStorageSync('key'), '')
})

test('storage also answers by callback or promise', async () => {
  const { wx } = newPhone()
  assert.deepEqual(await wx.setStorage({ key: 'a', data: 1 }), { errMsg: 'setStorage:ok' })
  assert.deepEqual(await wx.getStorage({ key: 'a' }), { data: 1, errMsg: 'getStorage:ok' })
  await wx.removeStorage({ key: 'a' })
  await assert.rejects(async () => wx.getStorage({ key: 'a' }), { errMsg: 'getStorage:fail data not found' })
  const each = callbacks()
  assert.equal(wx.setStorage({ key: 'a', data: 'x'.repeat(1024 * 1024), ...each }), undefined)
  assert.match(String(last(each.came).errMsg), /^setStorage:fail entry size/)
})

test('storage handed to a second fake is the same phone after a restart', () => {
  const { wx, storage } = newPhone()
  wx.setStorageSync('key', 'kept')
  assert.equal(newPhone({ storage }).wx.getStorageSync('key'), 'kept')
})

test('account, launch parameters and checkSession say what the test set', async () => {
  const launch = { path: 'pages/a', query: { token: 'x' }, scene: 1007 }
  const { wx, time, failNext } = newPhone({ envVersion: 'trial', launch })
  assert.deepEqual(wx.getAccountInfoSync().miniProgram, { appId: 'wx1', envVersion: 'trial', version: '' })
  assert.deepEqual([wx.getLaunchOptionsSync(), wx.getEnterOptionsSync()], [launch, launch])
  failNext('getAccountInfoSync', 'throw')
  assert.throws(() => wx.getAccountInfoSync())
  const [stale, good] = [callbacks(), callbacks()]
  failNext('checkSession', 'fail')
  wx.checkSession(stale)
  wx.checkSession(good)
  await time.advance(0)
  assert.deepEqual([stale.came[0]?.[0], good.came[0]?.[0]], ['fail', 'success'])
})

test('wx.cloud.callFunction reaches the test’s function with a copy of data', async () => {
  const { wx, time } = newPhone({ cloud: { functions: { hello: (data) => ({ heard: data }) } } })
  const [called, missing] = [callbacks(), callbacks()]
  assert.equal(wx.cloud.callFunction({ name: 'hello', data: { a: 1 }, ...called }), undefined)
  wx.cloud.callFunction({ name: 'none', ...missing })
  const promised = wx.cloud.callFunction({ name: 'hello' })
  await time.advance(0)
  assert.deepEqual(last(called.came).result, { heard: { a: 1 } })
  assert.match(String(last(missing.came).errMsg), /^cloud\.callFunction:fail -501000/)
  assert.deepEqual((await promised)?.result, { heard: {} })
})

test('wx.cloud.callContainer reaches the container with environment, service and path', async () => {
  const { wx, time, failNext } = newPhone({
    cloud: { container: (request) => ({ status: 201, headers: { 'X-Seen': request.path }, body: request }) },
  })
  const [called, failed] = [callbacks(), callbacks()]
  const options = { path: '/v1/login', method: 'POST' as const, data: { a: 1 } }
  wx.cloud.callContainer({ ...options, config: { env: 'e1' }, header: { 'X-WX-SERVICE': 'hufu' }, ...called })
  failNext('callContainer', 'fail')
  wx.cloud.callContainer({ ...options, ...failed })
  await time.advance(0)
  const { statusCode, header, data } = last(called.came)
  assert.deepEqual([statusCode, header], [201, { 'X-Seen': '/v1/login' }])
  assert.deepEqual(data, {
    env: 'e1',
    service: 'hufu',
    path: '/v1/login',
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-wx-service': 'hufu' },
    body: '{"a":1}',
  })
  assert.match(String(last(failed.came).errMsg), /^cloud\.callContainer:fail/)
})

test('over real sockets: requests reach a server, and codes come from a running simulator', async () => {
  const seen: string[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      seen.push(`${request.method} ${request.url} ${Buffer.concat(parts).toString()}`)
      const code = request.url === '/_sim/login' ? { code: 'real-code' } : { ok: request.headers.authorization }
      response.writeHead(200, { 'Content-Type': 'application/json', 'X-Mixed-Case': '1' }).end(JSON.stringify(code))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const { wx } = createFakeWx({ appId: 'wx1', person: 'mei', simulatorUrl: base })
    const login = await new Promise<{ code: string }>((success, fail) => wx.login({ success, fail }))
    assert.equal(login.code, 'real-code')
    const reply = await new Promise<{ data: unknown; header: object }>((success, fail) => {
      wx.request({
        url: `${base}/x`,
        method: 'POST',
        header: { Authorization: 'Bearer t' },
        data: { n: 1 },
        success,
        fail,
      })
    })
    assert.deepEqual(reply.data, { ok: 'Bearer t' })
    assert.ok('X-Mixed-Case' in reply.header)
    assert.deepEqual(seen, ['POST /_sim/login {"appId":"wx1","person":"mei"}', 'POST /x {"n":1}'])
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
  const { wx } = createFakeWx({ appId: 'wx1', simulatorUrl: base })
  const failure = await new Promise<{ errMsg: string }>((fail) => wx.request({ url: base, fail }))
  assert.match(failure.errMsg, /^request:fail/)
  const noCode = await new Promise<{ errMsg: string }>((fail) => wx.login({ fail }))
  assert.match(noCode.errMsg, /^login:fail/)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf, codeOfFailure, newPhone, newSignedIn } from './phone.ts'

for (const fault of ['fail', 'empty', 'throw', 'never'] as const) {
  test(`given a wx.login that meets "${fault}", then the login ends within ten seconds, and the next one works`, async () => {
    const phone = await newPhone()
    const client = phone.client()
    phone.fake.failNext('login', fault)
    const began = phone.time.now()
    assert.equal(await codeOfFailure(phone, client.login()), 'login_failed')
    const took = phone.time.now() - began
    assert.ok(fault === 'never' ? took === 10_000 : took < 100, `took ${took} ms`)
    assert.equal((await phone.wait(client.login())).id, 'usr_mei')
  })
}

test('an answer of wx.login that comes after its ten seconds changes nothing', async () => {
  const phone = await newPhone({ latency: { login: 12_000 } })
  const client = phone.client()
  assert.equal(await codeOfFailure(phone, client.login()), 'login_failed')
  await phone.time.advance(10_000)
  assert.equal(client.user(), null)
  assert.equal(phone.fake.count('request'), 0)
})

for (const fault of ['fail', 'throw', 'never', 'timeout', 'interrupted'] as const) {
  test(`given a login request that meets "${fault}" twice, then it ends as network, and the next login works`, async () => {
    const phone = await newPhone()
    const client = phone.client()
    phone.fake.failNext('request', fault, { times: 2 })
    assert.equal(await codeOfFailure(phone, client.login()), 'network')
    assert.equal((await phone.wait(client.login())).id, 'usr_mei')
  })

  test(`given a request that meets "${fault}", then it ends as network and is not sent again`, async () => {
    const { phone, client } = await newSignedIn()
    phone.fake.failNext('request', fault)
    assert.equal(await codeOfFailure(phone, client.request({ url: '/pay', method: 'POST', data: {} })), 'network')
    assert.equal(phone.fake.count('request', 'https://hufu.example/pay'), 1)
    assert.equal((await phone.wait(client.request({ url: '/pay' }))).statusCode, 200)
  })
}

test('given a login interrupted by the background, then one more in the foreground is enough', async () => {
  const phone = await newPhone({ latency: { login: 50, request: 4_000 } })
  const client = phone.client()
  const login = client.login()
  await phone.time.advance(100)
  phone.fake.goBackground()
  assert.equal(await codeOfFailure(phone, login), 'network')
  phone.fake.comeBack()
  phone.fake.clearFaults()
  assert.equal((await phone.wait(client.ready())).id, 'usr_mei')
  assert.equal(phone.fake.count('login'), 2)
})

for (const api of ['getStorageSync', 'setStorageSync', 'removeStorageSync', 'getAccountInfoSync'] as const) {
  test(`given a phone whose ${api} throws, then the client signs in and stays signed in until the app closes`, async () => {
    const phone = await newPhone()
    phone.fake.failNext(api, 'throw', { times: Number.POSITIVE_INFINITY })
    const client = phone.client()
    await phone.wait(client.login())
    await phone.time.advance(3600_000)
    assert.equal((await phone.wait(client.request({ url: '/a' }))).statusCode, 200)
    await phone.wait(client.logout())
    assert.equal(client.user(), null)
    assert.equal(await codeOfFailure(phone, client.ready()), 'signed_out')
    assert.equal((await phone.wait(client.login())).id, 'usr_mei')
    assert.equal(phone.fake.count('login'), 2)
    assert.deepEqual(phone.printed, [])
  })
}

test('given a storage write that fails, then the older session is not used again', async () => {
  const { phone, client } = await newSignedIn()
  phone.fake.failNext('setStorageSync', 'throw', { times: 9 })
  phone.fake.failNext('removeStorageSync', 'throw', { times: 9 })
  await phone.time.advance(3600_000)
  await phone.wait(client.request({ url: '/a' }))
  await phone.time.advance(60_000)
  assert.equal((await phone.wait(client.request({ url: '/a' }))).statusCode, 200)
  assert.equal(phone.hufu.count('/v1/refresh'), 1)
  assert.equal(phone.fake.count('login'), 1)
})

test('an app that asks again and again while wx.login fails stays under four calls a second', async () => {
  const phone = await newPhone({ latency: { login: 1 } })
  phone.fake.failNext('login', 'fail', { times: Number.POSITIVE_INFINITY })
  const client = phone.client()
  const began = phone.time.now()
  for (let round = 0; round < 20; round += 1) await codeOfFailure(phone, client.login())
  assert.ok(phone.fake.loginsInBusiestSecond() < 4, `${phone.fake.loginsInBusiestSecond()} in one second`)
  assert.ok(phone.time.now() - began > 100_000, 'the pauses grow')
})

test('given a login that worked, then the next pause between tries is short again', async () => {
  const phone = await newPhone({ latency: { login: 1, request: 1 } })
  phone.fake.failNext('login', 'fail', { times: 6 })
  const client = phone.client()
  for (let round = 0; round < 6; round += 1) await codeOfFailure(phone, client.login())
  await phone.wait(client.login())
  await phone.wait(client.logout())
  const began = phone.time.now()
  await phone.wait(client.login())
  assert.ok(phone.time.now() - began < 1000, `${phone.time.now() - began} ms`)
})

test('a clock set back by a day does not make the next login wait for a day', async () => {
  const phone = await newPhone()
  phone.fake.failNext('login', 'fail')
  const client = phone.client()
  await codeOfFailure(phone, client.login())
  phone.time.set(phone.time.now() - 86_400_000)
  const began = phone.time.now()
  await phone.wait(client.login())
  assert.ok(phone.time.now() - began < 10_000)
})

test('two copies of the package together stay within four wx.login a second', async () => {
  const phone = await newPhone({ latency: { login: 1 }, enforceLoginRate: true })
  phone.fake.failNext('login', 'fail', { times: 40 })
  const [one, two] = [phone.client(), phone.client()]
  for (let round = 0; round < 10; round += 1) {
    await phone.wait(Promise.all([codeOf(one.login()), codeOf(two.login())]))
  }
  assert.ok(phone.fake.loginsInBusiestSecond() <= 4)
})

test('signing out and in again and again stays under four wx.login a second', async () => {
  const phone = await newPhone({ latency: { login: 1, request: 1 } })
  const client = phone.client()
  for (let round = 0; round < 10; round += 1) {
    await phone.wait(client.login())
    await phone.wait(client.logout())
  }
  assert.ok(phone.fake.loginsInBusiestSecond() < 4)
})

test('given an answer that is not Hufu’s, then the error says so and nothing is stored', async () => {
  for (const body of [
    '<html>Wi-Fi login</html>',
    {},
    [],
    'null',
    { accessToken: 'a' },
    { accessToken: 'a', refreshToken: 'r', expiresIn: 900 },
    { data: { accessToken: 'a' } },
  ]) {
    const phone = await newPhone()
    const client = phone.client()
    phone.hufu.plan('/v1/login', { status: 200, body })
    assert.equal(await codeOfFailure(phone, client.login()), 'bad_reply')
    assert.equal(phone.fake.storage.size, 0)
  }
})

test('given a platform that answers only with promises, or not at all, then every call settles', async () => {
  const phone = await newPhone()
  const { wx } = phone.fake
  const promising = {
    ...wx,
    login: () => Promise.resolve({ code: 'mei#1' }),
    request: (options: { url: string }) =>
      new Promise((success, fail) => {
        wx.request({ ...options, success, fail })
      }),
  }
  const client = phone.client({ wx: promising })
  assert.equal((await phone.wait(client.login())).id, 'usr_mei')
  phone.fake.failNext('request', 'fail')
  assert.equal(await codeOfFailure(phone, client.request({ url: '/a' })), 'network')
  for (const success of [undefined, null]) {
    const login = (options: { success(result: unknown): void }) => options.success(success)
    const odd = phone.client({ wx: { ...wx, getStorageSync: () => '', login } })
    assert.equal(await codeOfFailure(phone, odd.login()), 'login_failed')
  }
  const silent = phone.client({ wx: { ...wx, getStorageSync: () => '', login: () => undefined } })
  assert.equal(await codeOfFailure(phone, silent.login()), 'login_failed')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeOf, codeOfFailure, latch, newPhone, newTwoCopies, server } from './phone.ts'

test('two copies of the package share one session through storage', async () => {
  const phone = await newPhone()
  const [main, subpackage] = [phone.client(), phone.client()]
  await phone.wait(main.login())
  assert.equal(subpackage.user()?.id, 'usr_mei')
  assert.equal((await phone.wait(subpackage.request({ url: '/a' }))).statusCode, 200)
  assert.equal(phone.fake.count('login'), 1)
})

test('given a token that one copy refreshed, then the other copy uses it before it asks for one', async () => {
  const { phone, main, subpackage } = await newTwoCopies()
  await phone.time.advance(3600_000)
  await phone.wait(main.request({ url: '/a' }))
  await phone.wait(subpackage.request({ url: '/b' }))
  assert.equal(phone.hufu.count('/v1/refresh'), 1)
})

test('given a 401, then the client first looks in storage for a newer token of another copy', async () => {
  const { held, release } = latch()
  const { phone, main, subpackage } = await newTwoCopies({
    between: async (request, pass) => {
      const reply = await pass(request)
      if (request.url.endsWith('/held')) await held
      return reply
    },
  })
  phone.hufu.forgetAccess()
  const request = subpackage.request({ url: '/held' })
  // The main copy meets the same 401 and renews.
  await phone.wait(main.request({ url: '/quick' }))
  release()
  assert.equal((await phone.wait(request)).statusCode, 200)
  assert.equal(phone.hufu.count('/v1/refresh'), 1)
})

test('two copies that sign in at the same moment both end signed in, as one user', async () => {
  const phone = await newPhone()
  const [main, subpackage] = [phone.client(), phone.client()]
  const users = await phone.wait(Promise.all([main.login(), subpackage.login()]))
  assert.deepEqual(
    users.map((user) => user.id),
    ['usr_mei', 'usr_mei'],
  )
  for (const client of [main, subpackage]) {
    assert.equal((await phone.wait(client.request({ url: '/a' }))).statusCode, 200)
  }
  assert.equal(phone.fake.count('login'), 2)
})

test('T19 two copies that refresh at the same moment stay in one session', async () => {
  const { phone, main, subpackage } = await newTwoCopies()
  await phone.time.advance(3600_000)
  const replies = await phone.wait(Promise.all([main.request({ url: '/a' }), subpackage.request({ url: '/b' })]))
  assert.deepEqual(
    replies.map((reply) => reply.statusCode),
    [200, 200],
  )
  assert.equal(phone.hufu.liveSessions().length, 1)
  assert.equal(phone.fake.count('login'), 1)
})

test('a logout in one copy holds in the other, even while that one refreshes', async () => {
  const { phone, main, subpackage } = await newTwoCopies()
  await phone.time.advance(3600_000)
  const renewing = codeOf(subpackage.request({ url: '/a' }))
  await phone.wait(main.logout())
  assert.equal(await phone.wait(renewing), 'signed_out')
  assert.equal(subpackage.user(), null)
  assert.equal(await codeOfFailure(phone, subpackage.ready()), 'signed_out')
  assert.equal(phone.hufu.liveSessions().length, 0)
})

const strangers: [string, object, object?][] = [
  ['another app', { appId: 'wx1' }, { appId: 'wx2' }],
  ['another server', { server }, { server: 'https://other.example' }],
  ['another simulated person', { dev: { person: 'mei' } }, { dev: { person: 'lin' } }],
  ['a real person, for a simulated one', {}, { dev: { person: 'lin' } }],
  ['another way in', {}, { cloud: { function: 'hufu-login' } }],
]
for (const [name, first, second] of strangers) {
  test(`a stored session of ${name} is ignored`, async () => {
    const phone = await newPhone()
    await phone.wait(phone.client(first).login())
    const later = await phone.restart()
    assert.equal(later.client(second).user(), null)
    assert.equal(later.client(first).user()?.id, 'usr_mei')
  })
}

test('a stored session of another version of the mini program is ignored', async () => {
  const phone = await newPhone({ envVersion: 'develop' })
  await phone.wait(phone.client().login())
  const later = await phone.restart({ envVersion: 'release' })
  assert.equal(later.client().user(), null)
  await later.wait(later.client().login())
  assert.equal(later.fake.count('login'), 1)
})

test('given something else under the storage key, then there is no session', async () => {
  const odd = ['', 'null', '[]', '{}', '"text"', 'not json', 7, true, null, { of: 'x' }, '{"of":null,"session":{}}']
  for (const value of odd) {
    const phone = await newPhone()
    phone.fake.wx.setStorageSync('hufu:session', value)
    const client = phone.client()
    assert.equal(client.user(), null)
    assert.equal((await phone.wait(client.login())).id, 'usr_mei')
  }
})

test('a stored session without a user, or cut in half, is ignored', async () => {
  const phone = await newPhone()
  await phone.wait(phone.client().login())
  const whole = String(phone.fake.wx.getStorageSync('hufu:session'))
  const cuts = [
    whole.slice(0, -9),
    whole.replace(/"user":\{[^}]*\}/, '"user":null'),
    whole.replace(/"id":"[^"]*"/, '"id":""'),
  ]
  for (const cut of cuts) {
    assert.notEqual(cut, whole)
    phone.fake.wx.setStorageSync('hufu:session', cut)
    const later = await phone.restart()
    assert.equal(later.client().user(), null)
    assert.equal((await later.wait(later.client().login())).id, 'usr_mei')
  }
})

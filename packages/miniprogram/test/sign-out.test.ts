import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { User } from '../src/index.ts'
import { codeOf, codeOfFailure, newPhone, newSignedIn } from './phone.ts'

test('after a logout nothing signs in again until login() is called, not even a restart', async () => {
  const { phone, client } = await newSignedIn()
  await phone.wait(client.logout())
  assert.equal(client.user(), null)
  assert.equal(phone.hufu.liveSessions().length, 0)

  const later = await phone.restart()
  for (const signedOut of [client, later.client()]) {
    assert.equal(await codeOfFailure(later, signedOut.ready()), 'signed_out')
    assert.equal(await codeOfFailure(later, signedOut.request({ url: '/a' })), 'signed_out')
  }
  assert.equal(later.fake.count('login') + later.fake.count('request'), 0)
  const again = later.client()
  assert.equal((await later.wait(again.login())).id, 'usr_mei')
  assert.equal((await later.wait(again.request({ url: '/a' }))).statusCode, 200)
})

test('a logout never fails, whatever the server does', async () => {
  for (const fault of ['fail', 'never', 'throw'] as const) {
    const { phone, client } = await newSignedIn()
    phone.fake.failNext('request', fault, { times: 9 })
    await phone.wait(client.logout())
    assert.equal(client.user(), null)
  }
  const phone = await newPhone()
  await phone.wait(phone.client().logout())
  assert.equal(phone.fake.count('request'), 0)
})

test('given a logout during a login, then waiting calls are rejected and the session that arrives is ended', async () => {
  const phone = await newPhone()
  const client = phone.client()
  const codes = Promise.all([client.login(), client.request({ url: '/a' })].map(codeOf))
  await phone.time.advance(120)
  await phone.wait(client.logout())
  assert.deepEqual(await phone.wait(codes), ['signed_out', 'signed_out'])
  await phone.time.advance(1000)
  assert.equal(client.user(), null)
  assert.equal(phone.hufu.count('/a'), 0)
  assert.equal(phone.hufu.liveSessions().length, 0)
})

test('a login after a logout does not join the login from before it', async () => {
  const phone = await newPhone()
  const client = phone.client()
  const before = codeOf(client.login())
  await phone.time.advance(120)
  const logout = client.logout()
  const after = client.login()
  assert.equal(await phone.wait(before), 'signed_out')
  assert.equal((await phone.wait(after)).id, 'usr_mei')
  await phone.wait(logout)
  await phone.time.advance(1000)
  assert.equal(client.user()?.id, 'usr_mei')
  assert.equal(phone.hufu.liveSessions().length, 1)
})

test('given a logout during a refresh, then neither its answer nor its failure signs in again', async () => {
  for (const fails of [false, true]) {
    const { phone, client } = await newSignedIn({ life: 900 })
    await phone.time.advance(850_000)
    if (fails) phone.fake.failNext('request', 'fail', { times: 9, when: (url) => url.endsWith('/v1/refresh') })
    const waiting = codeOf(client.request({ url: '/a' }))
    const logout = client.logout()
    assert.equal(await phone.wait(waiting), fails ? 'network' : 'signed_out')
    await phone.wait(logout)
    await phone.time.advance(1000)
    assert.equal(client.user(), null)
    assert.equal(phone.hufu.count('/a'), 0)
    assert.equal(phone.hufu.liveSessions().length, 0)
  }
})

test('onChange is called at sign-in, sign-out and a unification, and at nothing else', async () => {
  const phone = await newPhone()
  const client = phone.client()
  const changes: (string | undefined)[] = []
  const off = client.onChange((user: User | null) =>
    changes.push(user ? [user.id, ...user.formerIds].join() : 'nobody'),
  )
  await phone.wait(client.login())
  await phone.time.advance(3600_000)
  await phone.wait(client.request({ url: '/a' }))
  assert.deepEqual(changes, ['usr_mei'])
  await phone.wait(client.logout())
  phone.hufu.unify('usr_mei', ['usr_old'])
  await phone.wait(client.login())
  assert.deepEqual(changes, ['usr_mei', 'nobody', 'usr_mei,usr_old'])
  off()
  await phone.wait(client.logout())
  assert.equal(changes.length, 3)
})

test('given an onChange listener that throws, then the error is printed and the others are called', async () => {
  const phone = await newPhone()
  const client = phone.client()
  const changes: unknown[] = []
  client.onChange(() => {
    throw new Error('of the app')
  })
  client.onChange((user: User | null) => changes.push(user?.id))
  assert.equal((await phone.wait(client.login())).id, 'usr_mei')
  assert.deepEqual(changes, ['usr_mei'])
  assert.deepEqual(
    phone.printed.map((error) => (error as Error).message),
    ['of the app'],
  )
})

test('given an onChange listener that sends a request, then no second refresh begins', async () => {
  const phone = await newPhone()
  const [main, subpackage] = [phone.client(), phone.client()]
  const replies: Promise<{ statusCode: number }>[] = []
  subpackage.onChange(() => replies.push(subpackage.request({ url: '/b' })))
  await phone.wait(main.login())
  await phone.time.advance(3600_000)
  replies.push(subpackage.request({ url: '/a' }))
  assert.deepEqual(
    (await phone.wait(Promise.all(replies))).map((reply) => reply.statusCode),
    [200, 200],
  )
  assert.deepEqual([phone.hufu.count('/v1/refresh'), phone.fake.count('login')], [1, 1])
  assert.equal(phone.hufu.liveSessions().length, 1)
})

test('an onChange listener may call the client', async () => {
  const phone = await newPhone()
  const client = phone.client()
  const replies: Promise<unknown>[] = []
  client.onChange((user: User | null) => {
    if (user && client.user()?.id === user.id) replies.push(client.request({ url: '/a' }))
  })
  await phone.wait(client.login())
  await phone.wait(Promise.all(replies))
  assert.equal(replies.length, 1)
  assert.equal(phone.fake.count('login'), 1)
})

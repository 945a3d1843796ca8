import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClient, type User } from '@hufu/miniprogram'
import { createFakeWx } from '@hufu/simulator/wx'
import { club, shop } from '../fixture/apps.ts'
import { newServer } from '../fixture/server.ts'
import { MINUTE } from '../fixture/time.ts'
import { addKey } from './assertion.ts'
import { newFunction } from './cloud-function.ts'
import { environment, newCloudRun } from './cloud-run.ts'
import { serve } from './serve.ts'

const codeOf = (login: Promise<User>): Promise<string> =>
  login.then(
    () => 'signed in',
    (error: { code: string; problem?: string }) => `${error.code} ${error.problem}`,
  )

test('the client signs in through Cloud Run without a code, and refreshes and logs out there', async (t) => {
  const { server, front } = await newCloudRun(t)
  const fake = createFakeWx({ appId: shop.appId, cloud: { container: front.containerFor({ person: 'mei' }) } })
  const client = createClient({ wx: fake.wx, cloud: { service: 'hufu', env: environment } })
  const users = await Promise.all(Array.from({ length: 5 }, () => client.login()))
  assert.equal(new Set(users.map(({ id }) => id)).size, 1)
  assert.equal(users[0]?.id, (await server.logIn(shop, 'mei')).user.id)
  assert.deepEqual([fake.count('login'), fake.count('callContainer'), server.count('sessions')], [0, 1, 2])

  server.advance(16 * MINUTE)
  const me = await client.request<{ id: string }>({ url: '/v1/me', to: 'server' })
  assert.deepEqual([me.statusCode, me.data.id], [200, users[0]?.id])
  assert.equal(fake.count('callContainer', '/v1/refresh'), 1)
  await client.logout()
  assert.equal(server.rows('SELECT 1 FROM sessions WHERE ended IS NULL').length, 1)
})

test('the client signs in through a cloud function, and is told the problem when it may not', async (t) => {
  const server = await newServer(t)
  const pair = await addKey(server, shop)
  const { invoke, callOf } = await newFunction(t, server, { [shop.appId]: pair })
  const { address } = await serve(t, server.service.app)
  const phone = (person: string) => {
    const functions = { 'hufu-login': (data: unknown) => invoke(callOf(shop, person), data) }
    const { wx } = createFakeWx({ appId: shop.appId, person, cloud: { functions } })
    return createClient({ wx, server: address, cloud: { function: 'hufu-login' } })
  }
  const client = phone('mei')
  const user = await client.login()
  assert.equal(user.openid, server.wechat.openid(shop.appId, 'mei'))
  assert.equal((await server.logIn(club, 'mei')).user.id, user.id)
  server.advance(16 * MINUTE)
  assert.equal((await client.request({ url: '/v1/me' })).statusCode, 200)

  await server.admin('POST', `users/${user.id}/block`)
  assert.equal(await codeOf(phone('mei').login()), 'user_blocked user_blocked')
  await server.admin('DELETE', `cloud-keys/${pair.kid}`)
  assert.equal(await codeOf(phone('bo').login()), 'refused assertion_invalid')
})

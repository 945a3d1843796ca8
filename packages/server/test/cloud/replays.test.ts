import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RETENTION } from '../../src/domain/events.ts'
import { LIFETIMES } from '../../src/domain/session.ts'
import { shop } from '../fixture/apps.ts'
import { refusalOf } from '../fixture/reply.ts'
import { newServer } from '../fixture/server.ts'
import { SECOND } from '../fixture/time.ts'
import { anotherProcess } from './another-process.ts'
import { addKey, claimsOf, dump, headerOf, jws, newAssertion, post } from './assertion.ts'

const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** The same assertion with the other signature that its key and text have: (r, n − s). */
function otherSignature(assertion: string): string {
  const [head, body, signature = ''] = assertion.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const s = (N - BigInt(`0x${bytes.subarray(32).toString('hex')}`)).toString(16).padStart(64, '0')
  return `${head}.${body}.${Buffer.concat([bytes.subarray(0, 32), Buffer.from(s, 'hex')]).toString('base64url')}`
}

test('T22 an assertion works once, and a replay changes nothing in the database', async (t) => {
  const server = await newServer(t)
  const pair = await addKey(server, shop, { alg: 'ES256' })
  const assertion = newAssertion(server, pair, shop, 'mei')
  assert.equal((await post(server, assertion)).status, 200)
  const before = dump(server)
  assert.equal(refusalOf(await post(server, assertion)), '401 assertion_invalid')
  assert.equal(refusalOf(await post(server, otherSignature(assertion))), '401 assertion_invalid')
  await server.restart()
  assert.equal(refusalOf(await post(server, assertion)), '401 assertion_invalid', 'after a restart')
  const { jti } = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString())
  const again = newAssertion(server, pair, shop, 'bo', { jti })
  assert.equal(refusalOf(await post(server, again)), '401 assertion_invalid', 'for somebody else')
  assert.equal(dump(server), before)
})

test('T22 given one assertion posted two hundred times at once to two processes, then there is one session', async (t) => {
  const server = await newServer(t)
  const pair = await addKey(server, shop)
  const other = await anotherProcess(server)
  const assertion = newAssertion(server, pair, shop, 'mei')
  const posts = Array.from({ length: 200 }, async (_, n) =>
    n % 2 === 0 ? other.post(assertion) : (await post(server, assertion)).status,
  )
  const statuses = await Promise.all(posts)
  assert.equal(statuses.filter((status) => status === 200).length, 1)
  assert.equal(statuses.filter((status) => status === 401).length, 199)
  assert.deepEqual([server.count('users'), server.count('sessions'), server.count('spent_assertions')], [1, 1, 1])
})

test('a used assertion is remembered for as long as it could be used, and forgotten afterwards', async (t) => {
  const server = await newServer(t)
  const pair = await addKey(server, shop)
  const iat = server.clock.now() / SECOND
  const assertion = newAssertion(server, pair, shop, 'mei', { iat, exp: iat + 60 })
  assert.equal((await post(server, assertion)).status, 200)
  const sweep = () =>
    server.store.upkeep.sweep({ now: server.clock.now(), lifetimes: LIFETIMES, retention: RETENTION, limit: 100 })
  for (let second = 0; second < 91; second += 10) {
    await sweep()
    assert.equal(refusalOf(await post(server, assertion)), '401 assertion_invalid')
    server.advance(10 * SECOND)
  }
  assert.equal(server.count('spent_assertions'), 1)
  server.advance(60 * SECOND)
  await sweep()
  assert.equal(server.count('spent_assertions'), 0)
  assert.equal(refusalOf(await post(server, assertion)), '401 assertion_invalid', 'it is too old by now')
})

test('two cloud keys may use the same jti', async (t) => {
  const server = await newServer(t)
  const jti = 'the-same-for-both'
  for (const pair of [await addKey(server, shop), await addKey(server, shop)]) {
    const claims = { ...claimsOf(server, shop, 'mei'), jti }
    assert.equal((await post(server, jws(pair, headerOf(pair), claims))).status, 200)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIFETIMES } from '../../src/domain/session.ts'
import { newWorld, refusalOf, SECOND, shop } from '../world.ts'
import { anotherProcess } from './another-process.ts'
import { addKey, claimsOf, dump, headerOf, jws, post, vouch } from './vouch.ts'

const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** The other signature of the same key for the same text: (r, n − s). */
function twin(assertion: string): string {
  const [head, body, signature = ''] = assertion.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const s = (N - BigInt(`0x${bytes.subarray(32).toString('hex')}`)).toString(16).padStart(64, '0')
  return `${head}.${body}.${Buffer.concat([bytes.subarray(0, 32), Buffer.from(s, 'hex')]).toString('base64url')}`
}

test('T22 an assertion works once, and a replay leaves nothing behind', async (t) => {
  const world = await newWorld(t)
  const pair = await addKey(world, shop, { alg: 'ES256' })
  const assertion = vouch(world, pair, shop, 'mei')
  assert.equal((await post(world, assertion)).status, 200)
  const before = dump(world)
  assert.equal(refusalOf(await post(world, assertion)), '401 assertion_invalid')
  assert.equal(refusalOf(await post(world, twin(assertion))), '401 assertion_invalid')
  await world.restart()
  assert.equal(refusalOf(await post(world, assertion)), '401 assertion_invalid', 'after a restart')
  const { jti } = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString())
  const again = vouch(world, pair, shop, 'bo', { jti })
  assert.equal(refusalOf(await post(world, again)), '401 assertion_invalid', 'for somebody else')
  assert.equal(dump(world), before)
})

test('T22 one assertion posted two hundred times at once, to two processes, makes one session', async (t) => {
  const world = await newWorld(t)
  const pair = await addKey(world, shop)
  const other = await anotherProcess(world)
  const assertion = vouch(world, pair, shop, 'mei')
  const posts = Array.from({ length: 200 }, async (_, n) =>
    n % 2 === 0 ? other.post(assertion) : (await post(world, assertion)).status,
  )
  const statuses = await Promise.all(posts)
  assert.equal(statuses.filter((status) => status === 200).length, 1)
  assert.equal(statuses.filter((status) => status === 401).length, 199)
  assert.deepEqual([world.count('users'), world.count('sessions'), world.count('spent_assertions')], [1, 1, 1])
})

test('a used assertion is remembered for as long as it could be used, and forgotten afterwards', async (t) => {
  const world = await newWorld(t)
  const pair = await addKey(world, shop)
  const iat = world.clock.now() / SECOND
  const assertion = vouch(world, pair, shop, 'mei', { iat, exp: iat + 60 })
  assert.equal((await post(world, assertion)).status, 200)
  const sweep = () => world.store.upkeep.sweep({ now: world.clock.now(), lifetimes: LIFETIMES, limit: 100 })
  for (let second = 0; second < 91; second += 10) {
    await sweep()
    assert.equal(refusalOf(await post(world, assertion)), '401 assertion_invalid')
    world.advance(10 * SECOND)
  }
  assert.equal(world.count('spent_assertions'), 1)
  world.advance(60 * SECOND)
  await sweep()
  assert.equal(world.count('spent_assertions'), 0)
  assert.equal(refusalOf(await post(world, assertion)), '401 assertion_invalid', 'it is too old by now')
})

test('two keys may use the same jti: each function counts for itself', async (t) => {
  const world = await newWorld(t)
  const jti = 'the-same-for-both'
  for (const pair of [await addKey(world, shop), await addKey(world, shop)]) {
    const claims = { ...claimsOf(world, shop, 'mei'), jti }
    assert.equal((await post(world, jws(pair, headerOf(pair), claims))).status, 200)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRealmId, isSessionId, isUserId, newId, newSessionId, newUserId } from './ids.ts'
import { randomBytes } from './random.ts'

const NOW = 1_700_000_000_000

test('ids sort by the time they were made', () => {
  const ids = [0, 1, 31, 32, 1023, 1_000_000, NOW, NOW + 1, 2 ** 48 - 1].map((now) => newUserId(now))
  assert.deepEqual([...ids].sort(), ids)
  for (const id of ids) assert.ok(isUserId(id), id)
})

test('a hundred thousand ids of one moment are all different', () => {
  const ids = new Set(Array.from({ length: 100_000 }, () => newSessionId(NOW)))
  assert.equal(ids.size, 100_000)
})

test('no two calls share random bytes, and the pool keeps none that it gave', () => {
  const seen = new Set<string>()
  for (let n = 0; n < 5_000; n++) seen.add(Buffer.from(randomBytes(16)).toString('hex'))
  assert.equal(seen.size, 5_000)
})

test('T03 what is not an id of ours is not taken for one', () => {
  const good = newUserId(NOW)
  const odd = [
    '',
    'usr_',
    good.slice(1),
    `${good}0`,
    good.toUpperCase(),
    `${good}\n`,
    good.replace('usr', 'ses'),
    `${good.slice(0, -1)}l`,
  ]
  for (const raw of [...odd, newId('req', NOW)]) assert.equal(isUserId(raw), false, raw)
  assert.equal(isSessionId(newSessionId(NOW)), true)
  assert.equal(isSessionId(good), false)
})

test('a realm is named in small letters', () => {
  for (const name of ['default', 'a', '0', 'my-realm-2', 'x'.repeat(64)]) assert.equal(isRealmId(name), true, name)
  for (const name of ['', '-a', 'A', 'a b', 'a/b', '领域', 'x'.repeat(65), 'a\n'])
    assert.equal(isRealmId(name), false, name)
})

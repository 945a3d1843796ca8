import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type KeyTimes, keyInUse, keyState, keysToRetire, lastUseOf } from './key-state.ts'

const key = (number: number, signsFrom: number, retiredAt?: number): KeyTimes => ({ number, signsFrom, retiredAt })

test('T24 C18 a key waits, signs, checks its own, and is done when the last of them is over', () => {
  const keys = [key(1, 0), key(2, 60_000)]
  const states = (now: number) => keys.map((one) => keyState(one, keys, now)).join(' ')
  assert.deepEqual([0, 59_999, 60_000, 10 ** 12].map(states), [
    'signing next',
    'signing next',
    'verifying signing',
    'verifying signing',
  ])
  assert.equal(lastUseOf(keys[0] as KeyTimes, keys, 900_000), 60_000 + 900_000 + 120_000)
  assert.equal(lastUseOf(keys[1] as KeyTimes, keys, 900_000), undefined)
  assert.deepEqual(keysToRetire(keys, 1_080_000, 900_000), [])
  assert.deepEqual(keysToRetire(keys, 1_080_001, 900_000), [keys[0]])
})

test('T24 C18 a successor that was retired before it signed succeeds nobody', () => {
  const keys = [key(1, 0), key(2, 60_000, 30_000), key(3, 200_000)]
  assert.equal(keyInUse(keys, 100_000)?.number, 1)
  assert.equal(lastUseOf(keys[0] as KeyTimes, keys, 1000), 200_000 + 1000 + 120_000)
})

test('T24 T20 whatever keys there are and wherever the clock steps: one of the living signs, and what signs is never due', () => {
  const times = fc.array(fc.tuple(fc.nat(1000), fc.option(fc.nat(1000), { nil: undefined })), {
    minLength: 1,
    maxLength: 8,
  })
  fc.assert(
    fc.property(times, fc.integer({ min: -500, max: 5000 }), fc.nat(500), (given, now, life) => {
      const keys = given.map(([from, retired], index) => key(index + 1, from, retired))
      const live = keys.filter(({ retiredAt }) => retiredAt === undefined)
      const states = keys.map((one) => keyState(one, keys, now))
      assert.equal(states.filter((state) => state === 'signing').length, Math.min(1, live.length))
      const inUse = keyInUse(keys, now)
      assert.ok(!keysToRetire(keys, now, life).some(({ number }) => number === inUse?.number))
    }),
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { circuitBreaker } from './circuit-breaker.ts'

const HOUR = 3_600_000

const fail = (times: number, now: number, breaker = circuitBreaker()) => {
  for (let n = 0; n < times; n++) breaker.record(false, now)
  return breaker
}

test('T28 nineteen failures are too few to tell; twenty stop the calls', () => {
  const breaker = fail(19, 0)
  assert.equal(breaker.admits(0), true)
  fail(1, 0, breaker)
  assert.equal(breaker.admits(1), false)
})

test('T28 it takes half of the calls of ten seconds', () => {
  const breaker = circuitBreaker()
  for (let n = 0; n < 100; n++) breaker.record(true, n)
  fail(99, 5_000, breaker)
  assert.equal(breaker.admits(5_000), true)
  fail(1, 5_000, breaker)
  assert.equal(breaker.admits(5_001), false)
})

test('T28 failures spread thinly over time stop nothing', () => {
  const breaker = circuitBreaker()
  for (let second = 0; second < 100; second++) {
    breaker.record(false, second * 1000)
    assert.equal(breaker.admits(second * 1000), true)
  }
})

test('T28 while stopped, one call a second looks, and the first success opens the way for all', () => {
  const breaker = fail(20, 0)
  assert.deepEqual([500, 999, 1000, 1001, 1999, 2000].map(breaker.admits), [false, false, true, false, false, true])
  breaker.record(false, 2_000)
  assert.equal(breaker.admits(2_500), false)
  breaker.record(true, 3_000)
  assert.equal(breaker.admits(3_000), true)
  fail(19, 3_000, breaker)
  assert.equal(breaker.admits(3_000), false, 'it counts on from that success')
})

test('a clock that steps back an hour does not stop the calls for an hour', () => {
  assert.equal(fail(20, HOUR).admits(0), true)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quota } from './quota.ts'

function refuse(times: number, places: number, left = quota()) {
  for (let n = 0; n < times; n++) left.refused(`10.0.0.${n % places}`)
  return left
}

test('T29 one phone in a login loop stops nobody else, however long it loops', () => {
  const left = refuse(10_000, 1)
  assert.equal(left.admits(0), true)
  assert.equal(refuse(10_000, 4).admits(0), true)
})

test('T29 twenty refusals in a row from five places mean that the app itself is out of quota', () => {
  assert.equal(refuse(19, 5).admits(1_000), true)
  const left = refuse(20, 5)
  assert.deepEqual([1_000, 1_500, 1_999, 2_000].map(left.admits), [true, false, false, true])
})

test('T29 a success between the refusals says that there is quota left', () => {
  const left = refuse(19, 5)
  left.succeeded()
  refuse(19, 5, left)
  assert.deepEqual([1_000, 1_001].map(left.admits), [true, true])
})

test('T29 callers without an address count as one place', () => {
  const left = quota()
  for (let n = 0; n < 100; n++) left.refused(undefined)
  assert.deepEqual([1_000, 1_001].map(left.admits), [true, true])
})

test('a clock that steps back an hour does not stop an app for an hour', () => {
  const left = refuse(20, 5)
  left.admits(3_600_000)
  assert.equal(left.admits(0), true)
})

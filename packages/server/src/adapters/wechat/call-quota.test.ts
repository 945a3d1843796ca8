import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callQuota } from './call-quota.ts'

function refuse(times: number, addresses: number, quota = callQuota()) {
  for (let n = 0; n < times; n++) quota.refused(`10.0.0.${n % addresses}`)
  return quota
}

test('T29 one phone in a login loop stops nobody else, however long it loops', () => {
  const quota = refuse(10_000, 1)
  assert.equal(quota.admits(0), true)
  assert.equal(refuse(10_000, 4).admits(0), true)
})

test('T29 twenty refusals in a row from five addresses mean that the app itself is out of quota', () => {
  assert.equal(refuse(19, 5).admits(1_000), true)
  const quota = refuse(20, 5)
  assert.deepEqual([1_000, 1_500, 1_999, 2_000].map(quota.admits), [true, false, false, true])
})

test('T29 a success between the refusals says that there is quota left', () => {
  const quota = refuse(19, 5)
  quota.succeeded()
  refuse(19, 5, quota)
  assert.deepEqual([1_000, 1_001].map(quota.admits), [true, true])
})

test('T29 callers without an address count as one', () => {
  const quota = callQuota()
  for (let n = 0; n < 100; n++) quota.refused(undefined)
  assert.deepEqual([1_000, 1_001].map(quota.admits), [true, true])
})

test('a clock that steps back an hour does not stop an app for an hour', () => {
  const quota = refuse(20, 5)
  quota.admits(3_600_000)
  assert.equal(quota.admits(0), true)
})

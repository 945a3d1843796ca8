import assert from 'node:assert/strict'
import { test } from 'node:test'
import { median, quantile, spreadOf, spreadOfRatios } from '../../bench/report/statistics.ts'

test('quantiles of a few values, in whatever order they come', () => {
  const values = [40, 10, 30, 20, 50]
  assert.equal(quantile(values, 0), 10)
  assert.equal(quantile(values, 0.5), 30)
  assert.equal(quantile(values, 1), 50)
  assert.equal(quantile(values, 0.1), 14)
  assert.deepEqual(values, [40, 10, 30, 20, 50])
  assert.equal(median([1, 4]), 2.5)
  assert.ok(Number.isNaN(median([])))
})

test('a spread is the median and the middle half', () => {
  assert.deepEqual(spreadOf([9, 1, 3, 5, 7]), { median: 5, low: 3, high: 7 })
  assert.deepEqual(spreadOf([2]), { median: 2, low: 2, high: 2 })
})

test('ratios are taken round by round, so that a slow round of both changes nothing', () => {
  assert.deepEqual(spreadOfRatios([100, 10, 50], [200, 20, 100]), { median: 0.5, low: 0.5, high: 0.5 })
  assert.ok(Number.isNaN(spreadOfRatios([1], []).median))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appPause } from './app-pause.ts'

/** So many refusals, evenly from one moment to another. */
const refuse = (times: number, from: number, to: number, pause = appPause()) => {
  for (let n = 0; n < times; n++) pause.refused(from + ((to - from) * n) / Math.max(1, times - 1))
  return pause
}

test('A5 nine refusals are too few, and two seconds less a millisecond too short', () => {
  assert.equal(refuse(9, 0, 60_000).admits(60_000), true)
  assert.equal(refuse(1_000, 0, 1_999).admits(1_999), true)
  assert.equal(refuse(10, 0, 2_000).admits(2_000), false)
})

test('A5 one answer that accepts the app begins the count anew', () => {
  for (const at of [1, 5, 9]) {
    const pause = refuse(at, 0, 1_900)
    assert.equal(pause.accepted(), false)
    refuse(9, 2_000, 9_000, pause)
    assert.equal(pause.admits(9_000), true)
    assert.equal(pause.refused(9_001), true)
  }
})

test('A5 while paused, one call a second looks; the first accepted one ends the pause', () => {
  const pause = refuse(10, 0, 2_000)
  assert.deepEqual([2_999, 3_000, 3_001, 3_999, 4_000].map(pause.admits), [false, true, false, false, true])
  assert.equal(pause.refused(4_500), false, 'it is paused already')
  assert.equal(pause.accepted(), true)
  assert.equal(pause.admits(4_501), true)
})

test('a clock that steps back an hour does not stop the probes for an hour', () => {
  assert.equal(refuse(10, 3_600_000, 3_602_000).admits(0), true)
})

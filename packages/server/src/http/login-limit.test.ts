import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProblemError } from '../domain/problem-error.ts'
import { loginLimit } from './login-limit.ts'

function newLimit(perMinute: number) {
  const clock = { time: 1_700_000_000_000, now: () => clock.time }
  const limit = loginLimit(perMinute, clock)
  const take = (from: string | undefined): string => {
    try {
      limit.take(from)
      return 'taken'
    } catch (error) {
      assert.ok(error instanceof ProblemError)
      assert.equal(error.code, 'rate_limited')
      return `wait ${error.retryAfter}`
    }
  }
  const takeMany = (from: string, times: number) =>
    Array.from({ length: times }, () => take(from)).filter((one) => one === 'taken').length
  return { clock, take, takeMany }
}

test('T30 a place may log in so often in a minute, and is told how long to wait', () => {
  const { clock, take, takeMany } = newLimit(60)
  assert.equal(takeMany('a', 100), 60)
  assert.equal(take('a'), 'wait 1')
  clock.time += 999
  assert.equal(take('a'), 'wait 1')
  clock.time += 1
  assert.equal(take('a'), 'taken')
  assert.equal(take('a'), 'wait 1')
  clock.time += 60_000
  assert.equal(takeMany('a', 100), 60)
})

test('a slow limit says the truth about its wait', () => {
  const { take } = newLimit(2)
  take('a')
  take('a')
  assert.equal(take('a'), 'wait 30')
})

test('T30 one place does not use up another’s share', () => {
  const { take, takeMany } = newLimit(10)
  takeMany('a', 1000)
  assert.equal(take('b'), 'taken')
})

test('who has no known address is not limited, and zero limits nobody', () => {
  assert.equal(newLimit(1).takeMany(undefined as never, 100), 100)
  assert.equal(newLimit(0).takeMany('a', 100), 100)
})

test('T30 a flood from ever new places does not grow the memory without end, nor free the busy one', () => {
  const { take, takeMany } = newLimit(10)
  for (let n = 0; n < 100_500; n++) {
    take(`place ${n}`)
    if (n % 10_000 === 0) takeMany('busy', 20)
  }
  assert.notEqual(take('busy'), 'taken')
})

test('a clock that steps back an hour locks nobody out for an hour', () => {
  const { clock, take, takeMany } = newLimit(10)
  takeMany('a', 20)
  clock.time -= 3_600_000
  assert.equal(take('a'), 'taken')
})

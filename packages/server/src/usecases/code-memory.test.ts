import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { ProblemError } from '../domain/problem-error.ts'
import { MINUTE } from '../domain/time.ts'
import { codeMemory } from './code-memory.ts'

const hashOf = (code: string): Buffer => hash('sha256', code, 'buffer')

function newMemory() {
  const clock = { time: 1_700_000_000_000, now: () => clock.time }
  return Object.assign(codeMemory(clock), { clock })
}

/** The first post of a code, and how it ends. */
function post(memory: ReturnType<typeof newMemory>, code: string) {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  memory.hold(hashOf(code), promise)
  const settle = (end: () => void): Promise<void> => {
    end()
    return new Promise((soon) => setImmediate(soon))
  }
  return {
    succeed: (answer: unknown) => settle(() => resolve(answer)),
    fail: (error: Error) => settle(() => reject(error)),
  }
}

test('T07 who comes later waits for the first, and learns nothing but that it is over', async () => {
  const memory = newMemory()
  const first = post(memory, 'a')
  const waiting = memory.earlier(hashOf('a'))
  assert.ok(waiting)
  await first.succeed({ refreshToken: 'secret' })
  assert.equal(await memory.earlier(hashOf('a')), undefined)
  assert.equal(memory.earlier(hashOf('b')), undefined)
})

test('T07 a code that can never be good again is remembered as that; one that may be is forgotten', async () => {
  for (const [code, final] of [
    ['code_invalid', true],
    ['code_spent', true],
    ['user_blocked', true],
    ['risk_refused', true],
    ['snapshot_user', true],
    ['upstream_busy', false],
    ['upstream_unavailable', false],
    ['rate_limited', false],
    ['server_misconfigured', false],
    ['internal', false],
  ] as const) {
    const memory = newMemory()
    await post(memory, 'a').fail(new ProblemError(code, 'as told'))
    const earlier = memory.earlier(hashOf('a'))
    if (final) await assert.rejects(async () => earlier, { code })
    else assert.equal(earlier, undefined, code)
  }
})

test('T07 a code is remembered for as long as WeChat remembers it', async () => {
  const memory = newMemory()
  await post(memory, 'a').succeed('somebody')
  memory.clock.time += 5 * MINUTE - 1
  assert.ok(memory.earlier(hashOf('a')))
  memory.clock.time += 1
  assert.equal(memory.earlier(hashOf('a')), undefined)
})

test('T29 a flood of made-up codes neither fills the memory nor slows it down', async () => {
  const memory = newMemory()
  const done = Promise.resolve()
  const known = (n: number) => memory.earlier(hashOf(String(n))) !== undefined
  for (let n = 0; n < 130_000; n++) memory.hold(hashOf(String(n)), done)
  assert.ok(known(129_999) && known(80_000), 'the newest are known')
  assert.ok(!known(29_999) && !known(0), 'the oldest are not')
})

test('a clock that steps back an hour forgets sooner rather than never', async () => {
  const memory = newMemory()
  await post(memory, 'a').succeed('somebody')
  for (const step of [-60, 6, 6]) {
    memory.clock.time += step * MINUTE
    await post(memory, `at ${step}`).succeed('somebody')
  }
  memory.clock.time += 48 * MINUTE
  assert.equal(memory.earlier(hashOf('a')), undefined)
})

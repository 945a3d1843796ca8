import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readLoginCode } from './login-code.ts'
import { ProblemError } from './problem-error.ts'

const production = { development: false }
const development = { development: true }

test('T06 a code is 1 to 128 letters, digits, hyphens and underscores; all else never leaves the server', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (raw) => {
      const looksRight = /^[\w-]{1,128}$/.test(raw)
      try {
        assert.deepEqual(readLoginCode(raw, production), { code: raw, reusable: false })
        assert.ok(looksRight)
      } catch (error) {
        assert.ok(!looksRight && error instanceof ProblemError && error.code === 'code_invalid')
      }
    }),
    { numRuns: 2000 },
  )
})

test('development codes are for development, and may come again', () => {
  for (const code of ['hufu-dev:xiaoming', 'hufu-dev:小明', 'the code is a mock one', 'this code is a mock one']) {
    assert.deepEqual(readLoginCode(code, development), { code, reusable: true })
    assert.throws(() => readLoginCode(code, production), { code: 'code_invalid', message: /development/ })
  }
  assert.equal(readLoginCode('0a1b2c', development).reusable, false)
})

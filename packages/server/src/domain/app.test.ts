import assert from 'node:assert/strict'
import { test } from 'node:test'
import { APP_KINDS, storedAppKind } from './app.ts'

test('every kind of app reads as itself', () => {
  assert.ok(APP_KINDS.includes('miniprogram'))
  assert.deepEqual(APP_KINDS.map(storedAppKind), APP_KINDS)
})

test('a kind that is not known is an error, never taken for a mini program', () => {
  for (const raw of ['', 'mini-program', 'MINIPROGRAM', 'toString', '__proto__', null, undefined, 1])
    assert.throws(() => storedAppKind(raw), TypeError, String(raw))
})

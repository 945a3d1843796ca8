import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isBase64url, isCompactJws } from './base64url.ts'

test('A11 of all texts that decode to the same bytes, the one that encoders write is taken', () => {
  const text = fc.string({ unit: fc.constantFrom(...'ABCDwxyz0189-_+/= .\n\t%'), maxLength: 12 })
  fc.assert(
    fc.property(
      fc.oneof(
        text,
        fc.uint8Array({ maxLength: 70 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
      ),
      (one) => {
        assert.equal(isBase64url(one), Buffer.from(one, 'base64url').toString('base64url') === one, JSON.stringify(one))
      },
    ),
    { numRuns: 20_000 },
  )
})

test('A11 a signed JWT has three parts and no empty one', () => {
  assert.equal(isCompactJws('eyJh.eyJi.AAAA'), true)
  for (const other of [
    '',
    '.',
    '..',
    'eyJh.eyJi',
    'eyJh.eyJi.',
    '.eyJi.AAAA',
    'eyJh..AAAA',
    'eyJh.eyJi.AAAA.',
    'eyJh.eyJi.AAAA.AAAA',
  ]) {
    assert.equal(isCompactJws(other), false, other)
  }
})

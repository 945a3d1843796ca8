import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProblemError } from '../domain/problem-error.ts'
import { keyCheck, sealingVault } from './vault.ts'

const [old, current, foreign] = [1, 2, 3].map((n) => Uint8Array.from({ length: 32 }, (_, at) => n * 40 + at)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
]
const vault = sealingVault({ current, previous: undefined })
const SEALED_FOR = 'session_key wx1 o1'

const refused = (error: unknown): boolean => {
  assert.ok(error instanceof ProblemError && error.code === 'server_misconfigured')
  assert.doesNotMatch(error.message, /tiger/)
  return true
}

test('T01 what is sealed opens where it was sealed for, whatever it is', () => {
  for (const value of ['', 'tiger', '虎符', '\0', 'x'.repeat(100_000), 'AAAAAAAAAAAAAAAAAAAAAA==']) {
    assert.equal(vault.open(vault.seal(value, SEALED_FOR), SEALED_FOR), value)
  }
})

test('T01 what is sealed shows nothing, not even that two are equal', () => {
  const sealed = Array.from({ length: 1000 }, () => Buffer.from(vault.seal('tiger tiger tiger', SEALED_FOR)))
  assert.ok(sealed.every((one) => !one.includes('tiger')))
  assert.equal(
    new Set(sealed.map((one) => one.subarray(5, 33).toString('hex'))).size,
    1000,
    'salt and nonce never repeat',
  )
})

test('T01 a sealed value copied elsewhere does not open there', () => {
  const sealed = vault.seal('tiger', SEALED_FOR)
  for (const elsewhere of ['session_key wx1 o2', 'session_key wx2 o1', 'app_secret wx1', `${SEALED_FOR} `, '']) {
    assert.throws(() => vault.open(sealed, elsewhere), refused, elsewhere)
  }
})

test('T01 a sealed value changed in any byte, cut or lengthened does not open', () => {
  const sealed = vault.seal('tiger', SEALED_FOR)
  for (let at = 0; at < sealed.length; at++) {
    for (const bit of [1, 128]) {
      const changed = Uint8Array.from(sealed)
      changed[at] = (changed[at] ?? 0) ^ bit
      assert.throws(() => vault.open(changed, SEALED_FOR), refused, `byte ${at}`)
    }
    assert.throws(() => vault.open(sealed.slice(0, at), SEALED_FOR), refused, `cut at ${at}`)
  }
  assert.throws(() => vault.open(Buffer.concat([sealed, Buffer.of(0)]), SEALED_FOR), refused)
})

test('another master key opens nothing', () => {
  const sealed = sealingVault({ current: foreign, previous: undefined }).seal('tiger', SEALED_FOR)
  assert.throws(() => vault.open(sealed, SEALED_FOR), refused)
})

test('the previous master key still opens what it sealed, and that is known to be due', () => {
  const before = sealingVault({ current: old, previous: undefined })
  const after = sealingVault({ current, previous: old })
  const sealed = before.seal('tiger', SEALED_FOR)
  assert.equal(after.open(sealed, SEALED_FOR), 'tiger')
  assert.equal(after.isStale(sealed), true)
  const again = after.seal('tiger', SEALED_FOR)
  assert.equal(after.isStale(again), false)
  assert.throws(() => before.open(again, SEALED_FOR), refused)
})

test('the key-check value tells keys apart and gives none away', () => {
  assert.equal(keyCheck(current), keyCheck(Uint8Array.from(current)))
  assert.notEqual(keyCheck(current), keyCheck(foreign))
  assert.ok(!keyCheck(current).includes(Buffer.from(current).toString('base64url').slice(0, 8)))
})

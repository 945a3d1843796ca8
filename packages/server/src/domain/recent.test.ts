import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Recent } from './recent.ts'

test('what was set last is kept, and never more than was asked for', () => {
  const recent = new Recent<number>(100)
  for (let n = 0; n < 1000; n++) {
    recent.set(String(n), n)
    assert.equal(recent.get(String(n)), n)
    assert.equal(recent.get(String(Math.max(0, n - 49))), Math.max(0, n - 49))
    if (n >= 100) assert.equal(recent.get(String(n - 100)), undefined)
  }
})

test('what is set again stays, however much else comes and goes', () => {
  const recent = new Recent<number>(100)
  for (let n = 0; n < 1000; n++) {
    recent.set(`other ${n}`, n)
    recent.set('busy', n)
    assert.equal(recent.get('busy'), n)
  }
})

test('what is deleted is gone at once, young or old', () => {
  const recent = new Recent<string>(100)
  recent.set('a', 'x')
  recent.age()
  recent.set('a', 'y')
  recent.delete('a')
  assert.equal(recent.get('a'), undefined)
})

test('twice grown older, it is empty', () => {
  const recent = new Recent<string>(100)
  recent.set('a', 'x')
  recent.age()
  assert.equal(recent.get('a'), 'x')
  recent.age()
  assert.equal(recent.get('a'), undefined)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { queueByName } from './queue-by-name.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** Work that says when it begins, and ends when it is told to. */
function newFixture() {
  const queue = queueByName(4)
  const begun: string[] = []
  const ends = new Map<string, { resolve: () => void; reject: (error: Error) => void }>()
  const start = (label: string, names: string[]) =>
    queue(names, () => {
      begun.push(label)
      return new Promise<string>((resolve, reject) => ends.set(label, { resolve: () => resolve(label), reject }))
    })
  const end = async (label: string) => {
    ends.get(label)?.resolve()
    await settled()
  }
  return { queue, begun, ends, start, end }
}

test('B5 work under one name runs one after another, as it came; other names do not wait', async () => {
  const { begun, start, end } = newFixture()
  const all = [start('a1', ['a']), start('b1', ['b']), start('a2', ['a']), start('a3', ['a']), start('none', [])]
  await settled()
  assert.deepEqual(begun, ['a1', 'b1', 'none'])
  await end('a1')
  assert.deepEqual(begun, ['a1', 'b1', 'none', 'a2'])
  for (const label of ['a2', 'a3', 'b1', 'none']) await end(label)
  assert.deepEqual(await Promise.all(all), ['a1', 'b1', 'a2', 'a3', 'none'])
})

test('B5 names taken in different orders make no deadlock, and whoever has two waits for both', async () => {
  const { begun, start, end } = newFixture()
  const all = [start('ab', ['a', 'b']), start('ba', ['b', 'a']), start('b', ['b']), start('a', ['a'])]
  await settled()
  assert.deepEqual(begun, ['ab'])
  await end('ab')
  assert.deepEqual(begun, ['ab', 'ba'])
  await end('ba')
  assert.deepEqual(begun.toSorted(), ['a', 'ab', 'b', 'ba'])
  await Promise.all([end('a'), end('b'), ...all])
})

test('B5 what fails lets the next one in and fails alone', async () => {
  const { ends, start, end } = newFixture()
  const [first, second] = [start('one', ['a']), start('two', ['a'])]
  await settled()
  ends.get('one')?.reject(new Error('lost'))
  await assert.rejects(first, /lost/)
  await settled()
  await end('two')
  assert.equal(await second, 'two')
})

test('B5 the queue is bounded, and holds nothing when nobody is in it', async () => {
  const { queue, start, end } = newFixture()
  const labels = ['1', '2', '3', '4', '5']
  const all = labels.map((label) => start(label, ['a', 'b', `own ${label}`]))
  assert.equal(queue.waiting(), 4)
  await assert.rejects(start('6', ['a']), { code: 'unavailable', retryAfter: 1 })
  const free = start('free', ['c'])
  await settled()
  await end('free')
  assert.equal(await free, 'free')
  for (const label of labels) await end(label)
  await Promise.all(all)
  assert.deepEqual([queue.waiting(), queue.names()], [0, 0])
})

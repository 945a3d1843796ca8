import assert from 'node:assert/strict'
import { test } from 'node:test'
import { semaphore } from './semaphore.ts'

test('as many slots as there are, at once, and the rest in the order of asking', async () => {
  const slots = semaphore(2)
  assert.equal(slots.acquire(1_000), true)
  assert.equal(slots.acquire(1_000), true)
  const order: string[] = []
  const third = Promise.resolve(slots.acquire(1_000)).then((got) => order.push(`third ${got}`))
  const fourth = Promise.resolve(slots.acquire(1_000)).then((got) => order.push(`fourth ${got}`))
  slots.release()
  slots.release()
  await Promise.all([third, fourth])
  assert.deepEqual(order, ['third true', 'fourth true'])
})

test('who waits too long gets none, and takes none from those behind', async () => {
  const slots = semaphore(1)
  slots.acquire(0)
  const late = slots.acquire(1)
  const patient = slots.acquire(1_000)
  assert.equal(await late, false)
  slots.release()
  assert.equal(await patient, true)
  slots.release()
  assert.equal(slots.acquire(0), true)
})

test('slots that were given back are all there again', async () => {
  const slots = semaphore(3)
  for (let round = 0; round < 100; round++) {
    const taken = await Promise.all([1, 2, 3].map(() => slots.acquire(1_000)))
    assert.deepEqual(taken, [true, true, true])
    for (const _ of taken) slots.release()
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slots } from './slots.ts'

test('as many places as there are, at once, and the rest in the order of asking', async () => {
  const places = slots(2)
  assert.equal(places.take(1_000), true)
  assert.equal(places.take(1_000), true)
  const order: string[] = []
  const third = Promise.resolve(places.take(1_000)).then((got) => order.push(`third ${got}`))
  const fourth = Promise.resolve(places.take(1_000)).then((got) => order.push(`fourth ${got}`))
  places.give()
  places.give()
  await Promise.all([third, fourth])
  assert.deepEqual(order, ['third true', 'fourth true'])
})

test('who waits too long gets none, and takes none from those behind', async () => {
  const places = slots(1)
  places.take(0)
  const late = places.take(1)
  const patient = places.take(1_000)
  assert.equal(await late, false)
  places.give()
  assert.equal(await patient, true)
  places.give()
  assert.equal(places.take(0), true)
})

test('places that were given back are all there again', async () => {
  const places = slots(3)
  for (let round = 0; round < 100; round++) {
    const taken = await Promise.all([1, 2, 3].map(() => places.take(1_000)))
    assert.deepEqual(taken, [true, true, true])
    for (const _ of taken) places.give()
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newWorld, shop } from './world.ts'

test('a login', async (t) => {
  const world = await newWorld(t)
  const mei = await world.logIn(shop, 'mei')
  console.log(mei, world.count('users'), world.printed())
  let at = performance.now()
  for (let i = 0; i < 200; i++) await world.logIn(shop, 'mei')
  console.log('200 logins', performance.now() - at)
  at = performance.now()
  await world.restart()
  console.log('restart', performance.now() - at)
})
test('another', async (t) => {
  const at = performance.now()
  await newWorld(t)
  console.log('world', performance.now() - at)
})

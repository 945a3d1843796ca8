import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lookAgain } from './look-again.ts'

test('C18 those who meet an unknown key at once share one look, and who comes during it gets another', async () => {
  const ends: (() => void)[] = []
  const look = lookAgain({ refresh: () => new Promise((resolve) => ends.push(resolve)) })
  const begun = async (count: number): Promise<void> => {
    while (ends.length < count) await new Promise((next) => setTimeout(next, 1))
  }
  const first = Promise.all([look(), look(), look()])
  await begun(1)
  const later = Promise.all([look(), look()])
  ends[0]?.()
  await first
  await begun(2)
  ends[1]?.()
  await later
  const last = look()
  await begun(3)
  ends[2]?.()
  await last
  assert.equal(ends.length, 3)
})

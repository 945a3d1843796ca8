import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProblemError } from '../domain/problem-error.ts'
import { writeHealth } from './write-health.ts'

/** A database that writes or does not, and how often it was tried. */
function newDatabase() {
  let now = 1_000_000
  const state = { works: true, marks: [] as (string | undefined)[] }
  const upkeep = {
    async ping(mark?: string) {
      state.marks.push(mark)
      if (!state.works) throw new ProblemError('unavailable', 'full')
    },
  }
  const health = writeHealth({ upkeep, clock: { now: () => now } })
  return { state, health, pass: (ms: number) => (now += ms) }
}

const unavailable = { name: 'ProblemError', code: 'unavailable', retryAfter: 1 }

test('C6 the database is tried once a second at most, and not at all while logins are written', async () => {
  const { state, health, pass } = newDatabase()
  for (let n = 0; n < 50; n++) await Promise.all([health.prove(), health.prove(), pass(100)])
  assert.equal(state.marks.length, 5)
  assert.equal(new Set(state.marks).size, 5, 'each is another write')
  for (let n = 0; n < 50; n++) {
    await health.watch(Promise.resolve())
    pass(999)
    await health.prove()
  }
  assert.equal(state.marks.length, 5)
})

test('C6 a failure is believed for a second, and the first write that goes through ends it', async () => {
  const { state, health, pass } = newDatabase()
  state.works = false
  for (const failing of [health.prove(), health.prove()]) await assert.rejects(failing, unavailable)
  pass(999)
  await assert.rejects(health.prove(), unavailable)
  assert.equal(state.marks.length, 1)
  state.works = true
  await assert.rejects(health.prove(), unavailable)
  pass(1)
  await health.prove()
  assert.equal(state.marks.length, 2)
  assert.ok((state.marks[1]?.length ?? 0) > 32_000, 'as large as a login, or a full disk might take it')
})

test('C6 a login that could not be written is heard of, and its error handed on', async () => {
  const { state, health, pass } = newDatabase()
  await health.prove()
  state.works = false
  const lost = new ProblemError('unavailable', 'full')
  await assert.rejects(health.watch(Promise.reject(lost)), (error) => error === lost)
  await assert.rejects(health.prove(), unavailable)
  const other = new TypeError('a fault of ours')
  state.works = true
  pass(1000)
  await health.prove()
  await assert.rejects(health.watch(Promise.reject(other)), (error) => error === other)
  await health.prove()
})

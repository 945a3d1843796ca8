import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomArrivals } from '../../bench/load/arrivals.ts'
import { type Carrier, runClosedLoop } from '../../bench/load/closed-loop.ts'
import { runOpenLoop } from '../../bench/load/open-loop.ts'
import { seededRandom } from '../../bench/load/random.ts'
import { VirtualClock } from './virtual-clock.ts'

const TOOK = 10

/** A server that answers each request after 10 ms, but for one during which it stands still. */
function newServer(clock: VirtualClock, standstill: { at: number; milliseconds: number } | undefined): Carrier {
  let asked = 0
  return (answered) => {
    const took = asked++ === standstill?.at ? standstill.milliseconds : TOOK
    clock.at(clock.now() + took, answered)
  }
}

const everyTwenty = (count: number): Iterator<number> => Array.from({ length: count }, (_, at) => at * 20).values()

test('an open loop over a steady server measures what each request took', async () => {
  const clock = new VirtualClock()
  const times = await clock.until(runOpenLoop([newServer(clock, undefined)], everyTwenty(5), clock))
  assert.deepEqual(times, [10, 10, 10, 10, 10])
})

test('whoever arrives while the server stands still waits from the moment he was due', async () => {
  const clock = new VirtualClock()
  const server = newServer(clock, { at: 1, milliseconds: 100 })
  const times = await clock.until(runOpenLoop([server], everyTwenty(7), clock))
  // Due at 0, 20, 40 … 120; answered at 10, 120, 130 … 170: as if it were asked only when free, all but one would say 10.
  assert.deepEqual(times, [10, 100, 90, 80, 70, 60, 50])
})

test('with a second connection nobody waits behind the first', async () => {
  const clock = new VirtualClock()
  const servers = [newServer(clock, undefined), newServer(clock, { at: 0, milliseconds: 100 })]
  const times = await clock.until(runOpenLoop(servers, everyTwenty(7), clock))
  assert.deepEqual(
    times.toSorted((one, other) => one - other),
    [10, 10, 10, 10, 10, 10, 100],
  )
})

test('an open loop without an arrival is over at once', async () => {
  const clock = new VirtualClock()
  assert.deepEqual(await clock.until(runOpenLoop([newServer(clock, undefined)], everyTwenty(0), clock)), [])
})

test('a closed loop keeps every connection busy until time is up, and counts what was answered', async () => {
  const clock = new VirtualClock()
  const servers = [newServer(clock, undefined), newServer(clock, { at: 0, milliseconds: 150 })]
  const done = await clock.until(runClosedLoop(servers, { milliseconds: 100, clock }))
  assert.deepEqual(done, { answered: 11, took: 150 })
})

test('strangers arrive at the rate that was asked for, the same ones in every run', () => {
  const arrivals = (seed: number) => [
    ...randomArrivals({ from: 1000, seconds: 10, perSecond: 500, random: seededRandom(seed) }),
  ]
  const moments = arrivals(7)
  assert.ok(moments.length > 4800 && moments.length < 5200, `${moments.length} arrivals`)
  assert.ok(moments.every((moment, at) => moment > (moments[at - 1] ?? 1000) && moment < 11_000))
  assert.deepEqual(arrivals(7), moments)
  assert.notDeepEqual(arrivals(8), moments)
  // Of a Poisson process a part of e⁻¹ of the pauses is longer than the mean; an even spacing would have none.
  const long = moments.filter((moment, at) => moment - (moments[at - 1] ?? 1000) > 2).length / moments.length
  assert.ok(long > 0.34 && long < 0.4, `${long} of the pauses are long`)
})

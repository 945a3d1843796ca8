import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Surroundings, untilStopped } from '../src/command/until-stopped.ts'
import type { Log } from '../src/ports/log.ts'

/** A server that stops when it is told to, and a process that can be signalled, under a clock of its own. */
function newProcess(env: Record<string, string> = {}) {
  let now = 0
  const heard = new Map<string, (signal: string) => void>()
  let caught: ((error: Error) => void) | null = null
  const exits: number[] = []
  const lines: string[] = []
  const around: Surroundings = {
    on: (signal, hear) => heard.set(signal, hear),
    setUncaughtExceptionCaptureCallback: (hear) => {
      caught = hear
    },
    exit: (code) => void exits.push(code),
    ppid: 1,
    env,
    now: () => now,
  }
  const log: Log = {
    debug: () => undefined,
    info: (event) => void lines.push(event),
    warn: () => undefined,
    error: (event, { message }) => void lines.push(`${event}: ${message}`),
  }
  const stop = Promise.withResolvers<void>()
  const failed = Promise.withResolvers<Error>()
  let stops = 0
  const server = {
    stop: () => {
      stops++
      return stop.promise
    },
    failed: failed.promise,
  }
  const ended = untilStopped(server, log, around)
  return {
    ended,
    exits,
    lines,
    closed: stop.resolve,
    cannotClose: stop.reject,
    breakDown: failed.resolve,
    stops: () => stops,
    at(time: number, signal: string) {
      now = time
      heard.get(signal)?.(signal)
    },
    throws: (error: Error) => caught?.(error),
  }
}

const DOUBLED = [
  ['SIGTERM', 'SIGTERM', 1],
  ['SIGINT', 'SIGINT', 40],
  ['SIGTERM', 'SIGINT', 900],
  ['SIGHUP', 'SIGTERM', 1999],
] as const
for (const [first, again, later] of DOUBLED) {
  test(`C27 ${first} and ${again} ${later} ms later are one request: the server drains, and ends in order`, async () => {
    const process = newProcess()
    process.at(10_000, first)
    process.at(10_000 + later, again)
    assert.deepEqual([process.stops(), process.exits], [1, []])
    process.closed()
    await process.ended
    assert.deepEqual(process.lines, ['stopping'])
  })
}

for (const later of [2000, 2001, 60_000]) {
  test(`C27 a second request ${later} ms after the first ends the process at once`, async () => {
    const process = newProcess()
    process.at(500, 'SIGTERM')
    process.at(501, 'SIGTERM') // passed on by npm: it does not move the beginning
    process.at(500 + later, 'SIGINT')
    assert.deepEqual(process.exits, [1])
  })
}

test('C3 a store that broke, an exception nobody caught and a stop that fails each close the server and are told', async () => {
  const cases: [string, (process: ReturnType<typeof newProcess>) => void][] = [
    ['failed: the thread ended', ({ breakDown }) => breakDown(new Error('the thread ended'))],
    ['failed: nobody caught it', ({ throws }) => throws(new TypeError('nobody caught it'))],
    ['failed: a plain word', ({ throws }) => throws(new RangeError('a plain word'))],
  ]
  for (const [line, happen] of cases) {
    const process = newProcess()
    happen(process)
    await new Promise(setImmediate)
    assert.equal(process.stops(), 1)
    process.closed()
    await assert.rejects(process.ended, (error: Error) => line.endsWith(error.message))
    assert.deepEqual(process.lines, [line])
  }
  const stuck = newProcess()
  stuck.at(0, 'SIGTERM')
  stuck.cannotClose(new Error('it would not close'))
  await assert.rejects(stuck.ended, /it would not close/)
  assert.deepEqual(stuck.lines, ['stopping', 'stop_failed: it would not close'])
})

import fc from 'fast-check'
import type { Client, HufuError } from '../src/index.ts'
import { newPhone, type Phone } from './phone.ts'

/** What an app, a phone, a network and a server do to a client, each with how often it is drawn. */
const weights = {
  request: 8,
  login: 1,
  ready: 1,
  logout: 1,
  'tokens end': 2,
  'keys change': 2,
  'sessions end': 1,
  'wx.login fails': 1,
  'wx.login has no code': 1,
  'a call fails': 1,
  'an answer is lost': 1,
  'storage throws': 1,
  'the login is busy': 1,
  'the refresh is busy': 1,
}
export type Event = keyof typeof weights

export interface Step {
  event: Event
  /** Which copy of the package it happens to. */
  copy: number
  /** How much happens on the network before the next step. */
  turns: number
}

/** Random scenarios made of some of these events, the commoner ones oftener. */
export const scenarioOf = (...names: Event[]): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      event: fc.constantFrom(...names.flatMap((name) => Array.from({ length: weights[name] }, () => name))),
      copy: fc.nat(1),
      turns: fc.nat(4),
    }),
    { minLength: 1, maxLength: 25 },
  )
export const everything = Object.keys(weights) as Event[]

export interface Outcome {
  phone: Phone
  copies: Client[]
  /** What every call came to: a status, `ok`, or an error's code. */
  ends: Map<string, string>
  times(event: Event): number
}

/**
 * Runs a scenario to its end: the scheduler decides in which order requests arrive and answers come back. Returns when
 * every promise has settled, or throws when one never does. From then on the network is quick and in order.
 */
export async function runScenario(scheduler: fc.Scheduler, scenario: Step[], howManyCopies: number): Promise<Outcome> {
  let over = false
  const phone = await newPhone({
    latency: {},
    between: async (request, pass) => {
      if (over) return pass(request)
      await scheduler.schedule(Promise.resolve(), `goes ${request.url}`)
      const reply = await pass(request)
      await scheduler.schedule(Promise.resolve(), `comes back ${request.url}`)
      return reply
    },
  })
  const copies = Array.from({ length: howManyCopies }, () => phone.client())
  const ends = new Map<string, string>()
  const done: Event[] = []
  let waiting = 0

  const watch = (name: string, promise: PromiseLike<unknown>) => {
    waiting += 1
    const end = (how: string) => {
      waiting -= 1
      ends.set(name, how)
    }
    promise.then(
      (result) => end(hasStatus(result) ? String(result.statusCode) : 'ok'),
      (error: HufuError) => end(error.code ?? `not of ours: ${error.message}`),
    )
  }
  // Something on the network, in the scheduler's order; a timer only when nothing is left there.
  const turn = async () => {
    await phone.time.advance(20)
    if (scheduler.count() > 0) await scheduler.waitOne()
    else if (!(await phone.time.next()) && waiting > 0) throw new Error(`${waiting} promises never settle`)
  }

  for (const { event, copy, turns } of scenario) {
    const client = copies[copy % howManyCopies] ?? phone.client()
    const name = `/${done.length}`
    done.push(event)
    if (event === 'request') watch(name, client.request({ url: name }))
    else if (event === 'login' || event === 'ready' || event === 'logout') watch(name, client[event]())
    else disturb(phone, event)
    for (let count = 0; count < turns; count += 1) await turn()
  }
  while (waiting > 0 || scheduler.count() > 0) await turn()
  over = true
  return { phone, copies, ends, times: (event) => done.filter((each) => each === event).length }
}

function disturb({ fake, hufu, time }: Phone, event: Event): void {
  if (event === 'tokens end') time.set(time.now() + 3600_000)
  if (event === 'keys change') hufu.forgetAccess()
  if (event === 'sessions end') hufu.endSessions()
  if (event === 'wx.login fails') fake.failNext('login', 'fail')
  if (event === 'wx.login has no code') fake.failNext('login', 'empty')
  if (event === 'a call fails') fake.failNext('request', 'fail')
  if (event === 'an answer is lost') fake.failNext('request', 'lost')
  if (event === 'storage throws') fake.failNext('setStorageSync', 'throw')
  if (event === 'the login is busy') hufu.plan('/v1/login', hufu.problem(429, 'rate_limited', { retryAfter: 5 }))
  if (event === 'the refresh is busy') hufu.plan('/v1/refresh', hufu.problem(503, 'upstream_busy', { retryAfter: 5 }))
}

const hasStatus = (value: unknown): value is { statusCode: number } =>
  typeof value === 'object' && value !== null && 'statusCode' in value

import fc from 'fast-check'
import type { Client, HufuError } from '../src/index.ts'
import { newPhone, type Phone } from './phone.ts'

/** What an app, a phone, a network and a server do to a client. */
const acts = {
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
export type Act = keyof typeof acts

export interface Step {
  act: Act
  /** Which copy of the package acts. */
  copy: number
  /** How much happens on the network before the next step. */
  turns: number
}

/** A random story made of some of these acts, the commoner ones oftener. */
export const storyOf = (...names: Act[]): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      act: fc.constantFrom(...names.flatMap((name) => Array.from({ length: acts[name] }, () => name))),
      copy: fc.nat(1),
      turns: fc.nat(4),
    }),
    { minLength: 1, maxLength: 25 },
  )
export const everything = Object.keys(acts) as Act[]

export interface World {
  phone: Phone
  copies: Client[]
  /** What every call came to: a status, `ok`, or an error's code. */
  ends: Map<string, string>
  times(act: Act): number
}

/**
 * Lives a story through: the scheduler decides in which order requests arrive and answers come back. Returns when
 * every promise has settled, or throws when one never does. From then on the network is quick and in order.
 */
export async function live(scheduler: fc.Scheduler, story: Step[], howManyCopies: number): Promise<World> {
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
  const done: Act[] = []
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

  for (const { act, copy, turns } of story) {
    const client = copies[copy % howManyCopies] ?? phone.client()
    const name = `/${done.length}`
    done.push(act)
    if (act === 'request') watch(name, client.request({ url: name }))
    else if (act === 'login' || act === 'ready' || act === 'logout') watch(name, client[act]())
    else disturb(phone, act)
    for (let count = 0; count < turns; count += 1) await turn()
  }
  while (waiting > 0 || scheduler.count() > 0) await turn()
  over = true
  return { phone, copies, ends, times: (act) => done.filter((each) => each === act).length }
}

function disturb({ fake, hufu, time }: Phone, act: Act): void {
  if (act === 'tokens end') time.set(time.now() + 3600_000)
  if (act === 'keys change') hufu.forgetAccess()
  if (act === 'sessions end') hufu.endSessions()
  if (act === 'wx.login fails') fake.failNext('login', 'fail')
  if (act === 'wx.login has no code') fake.failNext('login', 'empty')
  if (act === 'a call fails') fake.failNext('request', 'fail')
  if (act === 'an answer is lost') fake.failNext('request', 'lost')
  if (act === 'storage throws') fake.failNext('setStorageSync', 'throw')
  if (act === 'the login is busy') hufu.plan('/v1/login', hufu.problem(429, 'rate_limited', { retryAfter: 5 }))
  if (act === 'the refresh is busy') hufu.plan('/v1/refresh', hufu.problem(503, 'upstream_busy', { retryAfter: 5 }))
}

const hasStatus = (value: unknown): value is { statusCode: number } =>
  typeof value === 'object' && value !== null && 'statusCode' in value

import assert from 'node:assert/strict'
import { createContext, runInContext } from 'node:vm'
import {
  createFakeWx,
  createVirtualTime,
  type FakeWx,
  type FakeWxOptions,
  type Responder,
  type VirtualTime,
  type WireReply,
  type WireRequest,
} from '@hufu/simulator/wx'
import { compile, type Entry, toCommonJs } from '../build/compile.mts'
import type * as Sdk from '../src/index.ts'
import { createFakeHufu, type FakeHufu } from './fake-hufu.ts'

export const server = 'https://hufu.example'
export const shop = 'https://shop.example'

const built = new Map<Entry, Promise<string>>()
const bundleOf = (entry: Entry) => {
  const code = built.get(entry) ?? compile(entry).then(toCommonJs)
  built.set(entry, code)
  return code
}

/** What an engine of the first years lacks; taken away, so that using any of it fails. */
const younger = `
  delete Object.assign; delete Object.entries; delete Object.values; delete Object.fromEntries;
  delete Object.setPrototypeOf; delete Array.from; delete Array.of; delete Array.prototype.includes;
  delete Array.prototype.find; delete Array.prototype.flat; delete String.prototype.includes;
  delete String.prototype.startsWith; delete String.prototype.endsWith; delete String.prototype.padStart;
  delete Promise.prototype.finally; delete Promise.allSettled; delete Promise.any; delete Promise.race;
  ['Symbol', 'Map', 'Set', 'WeakMap', 'WeakSet', 'WeakRef', 'Proxy', 'Reflect', 'Intl', 'BigInt', 'globalThis',
   'Iterator', 'SharedArrayBuffer', 'Atomics', 'WebAssembly', 'FinalizationRegistry', 'queueMicrotask']
    .forEach(function (name) { delete this[name] }, this)`

/** A Promise made of timers, as base libraries bring it to iPhones before iOS 16: every callback is a turn later. */
const timerPromise = `
  Promise = (function (later) {
    function P(run) {
      var p = this, done = false
      p.waiting = []
      function end(state, value) { p.state = state; p.value = value; p.waiting.forEach(function (wake) { later(wake, 0) }) }
      function follow(value) {
        var once = false
        function first(go) { return function (x) { if (!once) { once = true; go(x) } } }
        if (value && typeof value.then === 'function') value.then(first(follow), first(function (e) { end(2, e) }))
        else end(1, value)
      }
      function resolve(value) { if (!done) { done = true; follow(value) } }
      function reject(error) { if (!done) { done = true; end(2, error) } }
      try { run(resolve, reject) } catch (error) { reject(error) }
    }
    P.prototype.then = function (yes, no) {
      var p = this
      return new P(function (resolve, reject) {
        function wake() {
          var next = p.state === 1 ? yes : no
          if (typeof next !== 'function') return p.state === 1 ? resolve(p.value) : reject(p.value)
          try { resolve(next(p.value)) } catch (error) { reject(error) }
        }
        if (p.state) later(wake, 0)
        else p.waiting.push(wake)
      })
    }
    P.prototype['catch'] = function (no) { return this.then(undefined, no) }
    P.resolve = function (v) { return v instanceof P ? v : new P(function (resolve) { resolve(v) }) }
    P.reject = function (e) { return new P(function (_, reject) { reject(e) }) }
    return P
  })(setTimeout)`

export interface PhoneOptions extends Partial<FakeWxOptions> {
  entry?: Entry
  /** Whether promises are made of timers. */
  oldIphone?: boolean
  /** Seconds that an access token lives. */
  life?: number
  /** Stands between phone and server; by default it passes everything on at once. */
  between?: (request: WireRequest, pass: Responder) => WireReply | Promise<WireReply>
  /** Resolves when nobody outside the phone is at work: only then may its time go on. */
  idle?: () => Promise<unknown>
}

export interface Phone {
  time: VirtualTime
  fake: FakeWx
  hufu: FakeHufu
  /** What the app has printed with console.error. */
  printed: unknown[]
  /** Another copy of the package on the same phone, as in an independent subpackage. */
  load(): typeof Sdk
  client(options?: object): Sdk.Client
  /** Lets time pass until the promise settles; fails when nothing is left that could settle it. */
  wait<Result>(promise: PromiseLike<Result>): Promise<Result>
  /** The same phone after the app was closed: storage stays, memory is gone. */
  restart(more?: PhoneOptions): Promise<Phone>
}

/** A phone with the built package on it, a server behind it, and time that stands still until it is told to pass. */
export async function newPhone(options: PhoneOptions = {}, old?: Phone): Promise<Phone> {
  const { entry = 'index', oldIphone = false, life, between, idle, ...wxOptions } = options
  const time = old?.time ?? createVirtualTime()
  const hufu = old?.hufu ?? createFakeHufu(time, life ? { life } : {})
  const fake = createFakeWx({
    appId: 'wx1',
    scheduler: time,
    respond: between ? (request) => between(request, hufu.respond) : hufu.respond,
    codes: ({ person }) => `${person}#${hufu.nextCode()}`,
    latency: { login: 50, request: 50, callFunction: 50, callContainer: 50 },
    ...(old ? { storage: old.fake.storage } : {}),
    ...wxOptions,
  })
  const printed: unknown[] = []
  const code = await bundleOf(entry)

  const load = () => {
    const { setTimeout, clearTimeout } = time
    const console = { error: (thrown: unknown) => printed.push(thrown) }
    const context = createContext({ wx: fake.wx, setTimeout, clearTimeout, console, exports: {} })
    runInContext(younger, context)
    if (oldIphone) runInContext(timerPromise, context)
    runInContext('Date', context).now = time.now
    runInContext(code, context)
    return runInContext('exports', context) as typeof Sdk
  }
  const wait = async <Result>(promise: PromiseLike<Result>): Promise<Result> => {
    let end: (() => Result) | undefined
    promise.then(
      (result) => {
        end = () => result
      },
      (error: unknown) => {
        end = () => {
          throw error
        }
      },
    )
    do {
      await idle?.()
      const passed = await time.next()
      if (!end && !passed) assert.fail('the promise never settles')
    } while (!end)
    return end()
  }
  const phone: Phone = {
    time,
    fake,
    hufu,
    printed,
    load,
    client: (more = {}) => load().createClient({ server, appId: 'wx1', ...more }),
    wait,
    restart: (more = {}) => newPhone({ ...options, ...more }, phone),
  }
  return phone
}

/** A phone with a client on it whose person is signed in. */
export async function newSignedIn(options: PhoneOptions = {}): Promise<{ phone: Phone; client: Sdk.Client }> {
  const phone = await newPhone(options)
  const client = phone.client()
  await phone.wait(client.login())
  return { phone, client }
}

/** A phone with two copies of the package on it, as with an independent subpackage, and one session that both know. */
export async function newTwoCopies(options: PhoneOptions = {}) {
  const { phone, client: main } = await newSignedIn(options)
  const subpackage = phone.client()
  await phone.wait(subpackage.ready())
  return { phone, main, subpackage }
}

/** The code of the error that a promise ends with, once it ends; lets no time pass. */
export async function codeOf(promise: PromiseLike<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    return (error as Sdk.HufuError).code
  }
  return 'none: it succeeded'
}

/** The same, letting time pass until the promise ends. */
export const codeOfFailure = (phone: Phone, promise: PromiseLike<unknown>) => phone.wait(codeOf(promise))

/** Something to wait for until the test lets go. */
export function latch(): { held: Promise<void>; release: () => void } {
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  return { held, release }
}

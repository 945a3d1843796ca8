import type { Failure } from './wx/callbacks.ts'
import { type CloudParts, createCloud } from './wx/cloud.ts'
import { type Api, createFaults, type Fault } from './wx/faults.ts'
import { overNetwork, type Responder } from './wx/http.ts'
import { busiestSecond, type CodeSource, codesOfSimulator, createLogin } from './wx/login.ts'
import { createRequest, type HeaderCase } from './wx/request.ts'
import { realTime, type Scheduler } from './wx/scheduler.ts'
import { createStorage } from './wx/storage.ts'

export type { CloudParts, ContainerRequest } from './wx/cloud.ts'
export type { Api, Fault } from './wx/faults.ts'
export type { Responder, WireReply, WireRequest } from './wx/http.ts'
export type { CodeSource } from './wx/login.ts'
export type { HeaderCase } from './wx/request.ts'
export type { Scheduler, VirtualTime } from './wx/scheduler.ts'
export { createVirtualTime } from './wx/scheduler.ts'

/** The phone, the app on it, and what both reach. */
export interface FakeWxOptions {
  /** AppID of the mini program under test. */
  appId: string
  /** Who holds the phone; a name that the simulator or your code source understands. */
  person?: string
  /** Where `wx.login` gets its codes: a running simulator… */
  simulatorUrl?: string
  /** …or a function of yours. With neither, codes are `code-1`, `code-2`, … */
  codes?: CodeSource
  /** Answers `wx.request` in memory. Absent: real requests over node:http. */
  respond?: Responder
  /** What getAccountInfoSync says; `develop` when absent. */
  envVersion?: 'develop' | 'trial' | 'release'
  /** Time and timers; `createVirtualTime()` to hold them. */
  scheduler?: Scheduler
  /** Milliseconds on the way, by API; `wx.request` and `wx.cloud` pay it once in each direction. A function is asked each time. */
  latency?: Partial<Record<Api, number | (() => number)>>
  /** How a phone spells the names of response headers; as the server sent them when absent. */
  headerCase?: HeaderCase
  /** Whether requests pass the WeChat gateway (微信网关), which drops `x-wx-*` headers. */
  gateway?: boolean
  /** Whether a fifth `wx.login` within a second fails. It is always counted. */
  enforceLoginRate?: boolean
  /** What is stored, as JSON by key; pass another fake's for a restart of the app. */
  storage?: Map<string, string>
  /** What getLaunchOptionsSync and getEnterOptionsSync say. */
  launch?: Record<string, unknown>
  /** What answers `wx.cloud`; without it every call fails. */
  cloud?: CloudParts
}

/** One call that the app made, in order. */
export interface Call {
  /** The function of `wx` that was called. */
  api: Api
  /** The URL, storage key, function name or path, where the call has one. */
  subject: string
  /** Milliseconds since 1970, by the scheduler. */
  at: number
}

/** The `wx` that an app under test is given. */
export type WxObject = FakeWx['wx']
/** What `createFakeWx` gives: `wx` and what a test turns and reads. */
export type FakeWx = ReturnType<typeof createFakeWx>

/**
 * A `wx` object that behaves like WeChat's where it matters to login, for tests without a phone.
 *
 * Every callback comes in a later turn, as in WeChat. The object that comes back holds `wx` for the app under test
 * and, beside it, what a test turns and reads: faults, the background, the person, and what was called.
 */
export function createFakeWx(options: FakeWxOptions) {
  const scheduler = options.scheduler ?? realTime
  const faults = createFaults()
  const storage = options.storage ?? new Map<string, string>()
  const calls: Call[] = []
  const open = new Set<(failure: Failure) => void>()
  let person = options.person ?? 'mei'
  let hiddenAt: number | undefined
  let busiest = 0
  let codes = 0

  const note = (api: Api, subject = '') => {
    calls.push({ api, subject, at: scheduler.now() })
    busiest = Math.max(busiest, open.size + (api === 'request' ? 1 : 0))
  }
  const later = (api: Api, run: () => void) => {
    const latency = options.latency?.[api] ?? 0
    scheduler.setTimeout(run, typeof latency === 'number' ? latency : latency())
  }
  const count = (api: Api, subject?: string) =>
    calls.filter((call) => call.api === api && (subject === undefined || call.subject === subject)).length
  const momentsOf = (api: Api) => calls.filter((call) => call.api === api).map((call) => call.at)
  const account = { appId: options.appId, envVersion: options.envVersion ?? 'develop', version: '' }
  const headerCase = options.headerCase ?? 'as-sent'
  const numbered = () => {
    codes += 1
    return `code-${codes}`
  }

  const wx = {
    login: createLogin({
      faults,
      codes: options.codes ?? (options.simulatorUrl ? codesOfSimulator(options.simulatorUrl) : numbered),
      who: () => ({ appId: options.appId, person }),
      note,
      later,
      tooOften: () =>
        options.enforceLoginRate === true &&
        momentsOf('login').filter((moment) => moment > scheduler.now() - 1000).length > 4,
    }),
    checkSession(callbacks: { success?(result: Failure): void; fail?(failure: Failure): void } = {}): void {
      note('checkSession')
      const fault = faults.take('checkSession')
      later('checkSession', () =>
        fault
          ? callbacks.fail?.({ errMsg: 'checkSession:fail session_key expired' })
          : callbacks.success?.({ errMsg: 'checkSession:ok' }),
      )
    },
    request: createRequest({
      appId: options.appId,
      scheduler,
      faults,
      respond: options.respond ?? overNetwork,
      headerCase,
      gateway: options.gateway ?? false,
      note,
      later,
      open,
      asleep: () => hiddenAt !== undefined && scheduler.now() - hiddenAt >= 5000,
    }),
    ...createStorage(storage, faults, note),
    getAccountInfoSync() {
      note('getAccountInfoSync')
      if (faults.take('getAccountInfoSync')) throw new Error('getAccountInfoSync:fail')
      return { miniProgram: { ...account } }
    },
    getLaunchOptionsSync: () => options.launch ?? { path: 'pages/index', query: {}, scene: 1001 },
    getEnterOptionsSync: () => options.launch ?? { path: 'pages/index', query: {}, scene: 1001 },
    cloud: createCloud({ parts: options.cloud ?? {}, faults, headerCase, note, later }),
  }

  return {
    /** The object for the app under test. */
    wx,
    storage,
    calls: calls as readonly Call[],
    count,
    /** The most `wx.login` calls in any one second: WeChat's rule is at most four. */
    loginsInBusiestSecond: () => busiestSecond(momentsOf('login')),
    /** The most requests that were under way at once. */
    mostRequestsAtOnce: () => busiest,
    /** Hands the phone to another person. */
    handTo(name: string) {
      person = name
    },
    /** Makes the next calls of an API fail; see `Fault`. */
    failNext(api: Api, fault: Fault, more?: { times?: number; when?: (subject: string) => boolean }) {
      faults.plan(api, fault, more)
    },
    clearFaults: () => faults.clear(),
    /** The app leaves the screen. Five seconds later WeChat interrupts every request. */
    goBackground() {
      const left = scheduler.now()
      hiddenAt = left
      scheduler.setTimeout(() => {
        if (hiddenAt !== left) return
        for (const failNow of [...open]) failNow({ errMsg: 'request:fail interrupted', errno: 600003 })
      }, 5000)
    },
    comeBack() {
      hiddenAt = undefined
    },
  }
}

import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { createVirtualTime, FakeWx, WireReply } from '@hufu/simulator/wx'
import { compile, toCommonJs } from '../../packages/miniprogram/build/compile.mts'
import type * as Sdk from '../../packages/miniprogram/src/index.ts'
import { createFakeHufu } from '../../packages/miniprogram/test/fake-hufu.ts'
import { bundle, newEngine } from './engine.ts'

export const folder = dirname(fileURLToPath(import.meta.url))

/** A client SDK on a phone of its own, with as much of a back end as it asks for. */
export interface Subject {
  fake: FakeWx
  /** One authenticated call, as its README writes it; resolves when the app has its answer. */
  call(): Promise<unknown>
  /** How many requests traded a code or a refresh token for something. */
  exchanges(): number
  /** Lets time pass until the promise settles. */
  wait<Result>(promise: Promise<Result>): Promise<Result>
  /** Makes the session that the phone holds worthless, as time would. */
  expire(): Promise<void>
}

export interface Candidate {
  name: string
  /** What an app installs, as one CommonJS file. */
  code(): Promise<string>
  note: string
  start(): Promise<Subject>
}

const ok = (body: unknown): WireReply => ({ status: 200, body })

const hufu = (entry: 'index' | 'core'): Candidate => ({
  name: entry === 'index' ? '@hufu/miniprogram' : '@hufu/miniprogram/core',
  code: () => compile(entry).then(toCommonJs),
  note: '',
  async start() {
    const engine = newEngine((request) => server.respond(request))
    const server = createFakeHufu(engine.time)
    const { createClient } = engine.load(await this.code()) as unknown as typeof Sdk
    const client = createClient({ server: 'https://hufu.example', appId: 'wx1' })
    return {
      fake: engine.fake,
      call: () => client.request({ url: '/orders' }),
      exchanges: () => server.count('/v1/login') + server.count('/v1/refresh'),
      wait: waiter(engine.time),
      expire: () => engine.time.advance(3600_000),
    }
  },
})

interface Wafer {
  setLoginUrl(url: string): void
  request(options: { url: string; login: boolean; success(reply: unknown): void; fail(error: unknown): void }): void
}

const wafer: Candidate = {
  name: 'wafer2-client-sdk',
  code: () => bundle("module.exports = require('wafer2-client-sdk')", folder),
  note: 'signs in before every call that says `login: true`, whether or not there is a session',
  async start() {
    // Its own server keeps one key per person; here each of several parallel logins stays good, to its advantage.
    const valid = new Set<string>()
    let keys = 0
    const engine = newEngine(
      ({ url, headers }) => {
        if (!url.endsWith('/login')) return { status: valid.has(headers['x-wx-skey'] ?? '') ? 200 : 401, body: {} }
        keys += 1
        valid.add(`key-${keys}`)
        return ok({ code: 0, data: { skey: `key-${keys}`, userinfo: {} } })
      },
      { onSocketOpen() {}, onSocketMessage() {}, onSocketClose() {}, onSocketError() {} },
    )
    const qcloud = engine.load(await this.code()) as unknown as Wafer
    qcloud.setLoginUrl('https://wafer.example/login')
    return {
      fake: engine.fake,
      call: () =>
        new Promise((success, fail) => {
          qcloud.request({ url: 'https://wafer.example/orders', login: true, success, fail })
        }),
      exchanges: () => engine.fake.count('request', 'https://wafer.example/login'),
      wait: waiter(engine.time),
      async expire() {
        valid.clear()
      },
    }
  },
}

interface CloudBase {
  init(options: { env: string }): {
    auth(): { getLoginState(): Promise<unknown>; signInWithOpenid(options: object): Promise<{ error?: unknown }> }
    callFunction(options: { name: string; data: object }): Promise<unknown>
  }
}

const cloudBase: Candidate = {
  name: '@cloudbase/js-sdk',
  code: () => bundle("module.exports = require('./node_modules/@cloudbase/js-sdk/miniprogram_dist/index.js')", folder),
  note: 'signing in is a call of its own: here whoever finds no login state makes it',
  async start() {
    let numbers = 0
    const tokens = () => {
      numbers += 1
      const both = { access_token: `access-${numbers}`, refresh_token: `refresh-${numbers}` }
      return ok({ token_type: 'Bearer', ...both, expires_in: 7200, scope: 'user', sub: 'u1', groups: [] })
    }
    const traded = /\/auth\/v1\/(provider\/token|signin\/with\/provider|token)\?/
    const engine = newEngine(
      ({ url }) => {
        if (url.includes('/provider/token')) return ok({ provider_token: 'once', expires_in: 600 })
        return traded.test(url) ? tokens() : ok({})
      },
      { getSystemInfoSync: () => ({ platform: 'devtools' }), connectSocket() {} },
    )
    const cloudbase = engine.load(await this.code()) as unknown as CloudBase
    const app = cloudbase.init({ env: 'env-1' })
    const auth = app.auth()
    return {
      fake: engine.fake,
      async call() {
        if (!(await auth.getLoginState())) {
          const { error } = await auth.signInWithOpenid({ useWxCloud: false })
          if (error) throw error
        }
        return app.callFunction({ name: 'orders', data: {} })
      },
      exchanges: () => engine.fake.calls.filter(({ subject }) => traded.test(subject)).length,
      wait: waiter(engine.time),
      expire: () => engine.time.advance(7300_000),
    }
  },
}

export const candidates: Candidate[] = [hufu('index'), hufu('core'), wafer, cloudBase]

function waiter(time: ReturnType<typeof createVirtualTime>) {
  return async <Result>(promise: Promise<Result>): Promise<Result> => {
    let over = false
    const end = () => {
      over = true
    }
    promise.then(end, end)
    for (let turns = 0; !over; turns += 1) {
      if (turns > 10_000) throw new Error('the calls never settle')
      await time.next()
    }
    return promise
  }
}

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Writable } from 'node:stream'
import type { TestContext } from 'node:test'
import type { LoginReply, Problem, RefreshReply } from '@hufu/contract'
import { type AppInput, createSimulator, type Risk, type Simulator, type SimulatorOptions } from '@hufu/simulator'
import { type Transport, TransportError } from '@hufu/wechat'
import { pinoLog } from '../src/adapters/pino-log.ts'
import { openSqliteStore } from '../src/adapters/sqlite/store.ts'
import type { Deadlines } from '../src/adapters/wechat/round-trip.ts'
import { type WeChatTransportOptions, wechatTransport } from '../src/adapters/wechat/transport.ts'
import { type Adapters, compose, type Service } from '../src/compose.ts'
import type { Config, Environment } from '../src/config/config.ts'
import { readConfig } from '../src/config/read-config.ts'
import type { Store } from '../src/ports/store.ts'

/** 2024-08-22T01:14:57Z. */
export const MORNING = 1_724_289_297_000
export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

type AppFacts = AppInput & { realm: string; origins?: readonly string[] }

/** One owner's two mini programs, official account and website; a mini program that is bound to nothing; a stranger's. */
export const shop = {
  appId: 'wx00000000000000a1',
  kind: 'miniprogram',
  secret: '5h0p5h0p5h0p5h0p5h0p5h0p5h0p5h0p',
  openAccount: 'owner',
  realm: 'default',
  origins: ['https://shop.example'],
} as const
export const club = {
  appId: 'wx00000000000000a2',
  kind: 'miniprogram',
  secret: 'c1ubc1ubc1ubc1ubc1ubc1ubc1ubc1ub',
  openAccount: 'owner',
  realm: 'default',
} as const
export const news = {
  appId: 'wx00000000000000b1',
  kind: 'official-account',
  secret: 'new5new5new5new5new5new5new5new5',
  openAccount: 'owner',
  realm: 'default',
} as const
export const site = {
  appId: 'wx00000000000000c1',
  kind: 'website',
  secret: '517e517e517e517e517e517e517e517e',
  openAccount: 'owner',
  realm: 'default',
} as const
export const loner = {
  appId: 'wx00000000000000d1',
  kind: 'miniprogram',
  secret: '10ne10ne10ne10ne10ne10ne10ne10ne',
  openAccount: null,
  realm: 'default',
} as const
export const rival = {
  appId: 'wx00000000000000e1',
  kind: 'miniprogram',
  secret: 'r1va1r1va1r1va1r1va1r1va1r1va1r1',
  openAccount: 'stranger',
  realm: 'rival',
} as const
export const apps: readonly AppFacts[] = [shop, club, news, site, loner, rival]
export const people = ['mei', 'bo'] as const

export const masterKey = Buffer.alloc(32, 7).toString('base64')
export const adminToken = 'Adm1n-t0ken_0f-the-tests.4242'
export const issuer = 'https://hufu.example'

export interface WorldOptions {
  /** `HUFU_…`, over those of `config()`. */
  settings?: Environment
  simulator?: SimulatorOptions
  /** `FULL` where durability is the question. */
  synchronous?: 'FULL' | 'OFF'
  /** Speaks to WeChat over real sockets, with these deadlines in milliseconds. */
  sockets?: WeChatTransportOptions['deadlines']
  /** Stands between the service and the database, or between the service and WeChat. */
  around?: { store?(store: Store): Store; transport?(transport: Transport): Transport }
  onEvent?: Adapters['onEvent']
  /** What the listener would say about the peer; nothing by default, so no limit by address applies. */
  peerOf?: Adapters['peerOf']
}

export interface Reply {
  status: number
  headers: Headers
  text: string
  /** The text as JSON, or undefined when it is empty. */
  body: unknown
}

export interface Ask {
  body?: unknown
  /** An access token. */
  token?: string
  headers?: Record<string, string>
}

export type World = Awaited<ReturnType<typeof newWorld>>

/** A whole server of real parts and the WeChat it talks to, under one stopped clock. Ends with the test. */
export async function newWorld(t: TestContext, options: WorldOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'hufu-'))
  const file = join(folder, 'hufu.db')
  let time = MORNING
  const clock = { now: () => time }
  const wechat = createSimulator({
    seed: 'world',
    now: clock.now,
    callsPerMinute: 0,
    keepCalls: 10_000,
    ...options.simulator,
  })
  for (const { realm: _, origins: __, ...app } of apps) wechat.addApp(app)
  for (const name of people) wechat.addPerson({ name })

  const printed: string[] = []
  const memory = new Writable({
    write(line, _encoding, done) {
      printed.push(String(line))
      done()
    },
  })
  const log = pinoLog('debug', memory)
  const wire = options.sockets ? await overSockets(t, wechat, options.sockets) : simulatedTransport(wechat)
  const transport = options.around?.transport?.(wire) ?? wire
  const pauses: number[] = []
  let strangers = 0

  const open = async (settings: Environment = options.settings ?? {}) => {
    const sqlite = await openSqliteStore(file, { synchronous: options.synchronous ?? 'OFF' })
    const store = options.around?.store?.(sqlite) ?? sqlite
    try {
      const service = await compose(config(settings), {
        store,
        transport,
        clock,
        log,
        onEvent: options.onEvent,
        ...(options.peerOf ? { peerOf: options.peerOf } : {}),
        pause: async (ms) => void pauses.push(ms),
      })
      return { store, service }
    } catch (error) {
      await store.upkeep.close()
      throw error
    }
  }
  let running: { store: Store; service: Service } | undefined = await open()
  const now = () => running ?? assert.fail('the server is stopped')
  t.after(async () => {
    await running?.store.upkeep.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const world = {
    folder,
    file,
    clock,
    wechat,
    /** How long the server would have waited between tries. */
    pauses,
    get service() {
      return now().service
    },
    get store() {
      return now().store
    },
    /** Moves the time of everybody, also back. */
    advance(ms: number) {
      time += ms
    },
    /** Everything that the server has logged, as text. */
    printed: () => printed.join(''),
    async stop() {
      const { store } = now()
      running = undefined
      await store.upkeep.close()
    },
    /** Another process on the same database, perhaps told otherwise. */
    async start(settings?: Environment) {
      running ??= await open(settings)
    },
    async restart(settings?: Environment) {
      await world.stop()
      await world.start(settings)
    },
    /** Rows as they stand in the database. */
    rows(sql: string, ...values: (string | number)[]): Record<string, unknown>[] {
      const db = new DatabaseSync(file, { readOnly: true })
      try {
        return db.prepare(sql).all(...values)
      } finally {
        db.close()
      }
    },
    count: (table: string) => Number(world.rows(`SELECT COUNT(*) AS n FROM ${table}`)[0]?.n),
    ask: (method: string, path: string, ask: Ask = {}) => send(now().service.app, method, path, ask),
    get: (path: string, token?: string) => world.ask('GET', path, token === undefined ? {} : { token }),
    post: (path: string, body?: unknown, ask: Omit<Ask, 'body'> = {}) => world.ask('POST', path, { body, ...ask }),
    /** What an operator does. */
    admin: (method: string, path: string, body?: unknown) =>
      send(now().service.adminApp, method, `/admin/v1/${path}`, { body, token: adminToken }),
    /** Somebody whom nobody has met. */
    stranger(risk: Risk = 'normal'): string {
      strangers += 1
      const name = `stranger-${strangers}`
      wechat.addPerson({ name, risk })
      return name
    },
    code: (app: { appId: string }, person: string) => wechat.login(app.appId, person),
    /** One login that must succeed. */
    async logIn(app: { appId: string }, person: string, more: { nonce?: string } = {}): Promise<LoginReply> {
      const reply = await world.post('/v1/login', { appId: app.appId, code: world.code(app, person), ...more })
      assert.equal(reply.status, 200, reply.text)
      return reply.body as LoginReply
    },
    async refresh(refreshToken: string): Promise<RefreshReply> {
      const reply = await world.post('/v1/refresh', { refreshToken })
      assert.equal(reply.status, 200, reply.text)
      return reply.body as RefreshReply
    },
  }
  for (const id of new Set(apps.map(({ realm }) => realm)))
    if (id !== 'default') await world.admin('POST', 'realms', { id })
  for (const { openAccount: _, ...app } of apps) {
    const added = await world.admin('POST', 'apps', app)
    assert.equal(added.status, 201, added.text)
  }
  return world
}

/** The configuration of a production server, with other settings where a test says so. */
export const config = (settings: Environment = {}): Config =>
  readConfig({
    HUFU_MASTER_KEY: masterKey,
    HUFU_ADMIN_TOKEN: adminToken,
    HUFU_ISSUER: issuer,
    ...settings,
  })

/** The simulator without sockets, behind the port that the server calls WeChat by. */
export function simulatedTransport(wechat: Simulator): Transport {
  return async (path, query, body) => {
    const { status, body: text } = wechat.answer(
      body === undefined ? 'GET' : 'POST',
      `${path}?${new URLSearchParams(query)}`,
      body,
    )
    if (status === 0) throw new TransportError('no_answer', { sent: true })
    return { status, text: text.toString() }
  }
}

async function overSockets(t: TestContext, wechat: Simulator, deadlines: Partial<Deadlines>): Promise<Transport> {
  const { url, close } = await wechat.listen()
  const transport = wechatTransport({ baseUrl: url, deadlines })
  t.after(async () => {
    await transport.close()
    await close()
  })
  return transport
}

type Fetch = { fetch(request: Request): Response | Promise<Response> }

async function send(app: Fetch, method: string, path: string, { body, token, headers }: Ask): Promise<Reply> {
  const request = new Request(new URL(path, issuer), {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const response = await app.fetch(request)
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: text === '' ? undefined : JSON.parse(text) }
}

/** The problem in an answer, whole but for its request id, which is checked for its shape. */
export function problemOf({ status, headers, text, body }: Reply): Omit<Problem, 'requestId'> {
  assert.equal(headers.get('content-type'), 'application/problem+json', text)
  const { requestId, ...problem } = body as Problem
  assert.match(requestId, /^req_[0-9a-z]{26}$/)
  assert.equal(problem.status, status)
  assert.equal(problem.type, `/problems/${problem.code}`)
  return problem
}

/** The code of a refusal, with its status: `401 code_spent`. */
export const refusalOf = (reply: Reply): string => {
  const { status, code } = problemOf(reply)
  return `${status} ${code}`
}

/** What a refusal and a success have in common for a test that expects one or the other. */
export const outcomeOf = (reply: Reply): string => (reply.status < 400 ? String(reply.status) : refusalOf(reply))

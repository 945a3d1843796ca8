import { type Callbacks, type Failure, fail, succeed } from './callbacks.ts'
import type { Api, Faults } from './faults.ts'
import { bytesOf, type Responder, type WireReply, type WireRequest } from './http.ts'
import type { Scheduler } from './scheduler.ts'

export interface RequestOptions extends Callbacks<RequestResult> {
  url: string
  method?: string
  data?: unknown
  header?: Record<string, unknown>
  /** Milliseconds; 60 seconds when absent, and never more. */
  timeout?: number
  dataType?: string
  responseType?: string
}

export interface RequestResult {
  statusCode: number
  data: unknown
  header: Record<string, string>
  cookies: string[]
  errMsg: string
}

export interface RequestTask {
  abort(): void
  onHeadersReceived(listener: unknown): void
  offHeadersReceived(listener?: unknown): void
  onChunkReceived(listener: unknown): void
  offChunkReceived(listener?: unknown): void
}

/** How header names reach the app: it depends on server, phone and version, so test with more than one. */
export type HeaderCase = 'as-sent' | 'lower' | 'title' | 'upper'

export interface RequestWorld {
  appId: string
  scheduler: Scheduler
  faults: Faults
  respond: Responder
  headerCase: HeaderCase
  /** Whether requests pass the WeChat gateway (微信网关), which drops every `x-wx-*` header. */
  gateway: boolean
  note(api: Api, subject: string): void
  later(api: Api, run: () => void): void
  /** Requests under way: what the background interrupts. */
  open: Set<(failure: Failure) => void>
  /** Whether the app has been in the background for too long. */
  asleep(): boolean
}

const methods = ['OPTIONS', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'CONNECT']
const words: Record<string, Failure> = {
  fail: { errMsg: 'request:fail net::ERR_CONNECTION_REFUSED', errno: 600001 },
  lost: { errMsg: 'request:fail net::ERR_CONNECTION_RESET', errno: 600001 },
  timeout: { errMsg: 'request:fail timeout', errno: 5 },
  interrupted: { errMsg: 'request:fail interrupted', errno: 600003 },
}

/** `wx.request`: any status is success, `fail` is for the transport alone, and the result is a task, never a promise. */
export function createRequest(world: RequestWorld) {
  return (options: RequestOptions): RequestTask => {
    world.note('request', options.url)
    const fault = world.faults.take('request', options.url)
    if (fault === 'throw') throw new Error('request:fail internal error')

    let over = false
    const end = (run: () => void) => {
      if (over) return
      over = true
      world.scheduler.clearTimeout(timer)
      world.open.delete(failNow)
      run()
    }
    const failNow = (failure: Failure) => end(() => fail(options, failure))
    const failLater = (failure: Failure) => world.later('request', () => failNow(failure))
    const timer = world.scheduler.setTimeout(
      () => failNow({ errMsg: 'request:fail timeout', errno: 5 }),
      Math.min(options.timeout ?? 60_000, 60_000),
    )
    world.open.add(failNow)

    const planned = fault && words[fault]
    const request = toWire(options, world)
    if (fault === 'never') world.scheduler.clearTimeout(timer)
    else if (world.asleep()) failLater({ errMsg: 'request:fail interrupted', errno: 600003 })
    else if (typeof request === 'string') failLater({ errMsg: request })
    else if (planned && fault !== 'lost') failLater(planned)
    else {
      world.later('request', () => {
        if (over) return
        Promise.resolve()
          .then(() => world.respond(request))
          .then(
            (reply) =>
              planned
                ? failLater(planned)
                : world.later('request', () => end(() => succeed(options, toResult(reply, options, world)))),
            (error: Error) => failLater({ errMsg: `request:fail ${error.message}`, errno: 600001 }),
          )
      })
    }
    return {
      abort: () => failNow({ errMsg: 'request:fail abort' }),
      onHeadersReceived() {},
      offHeadersReceived() {},
      onChunkReceived() {},
      offChunkReceived() {},
    }
  }
}

/** The request on the wire, or the words of the failure when it cannot leave the phone. */
function toWire(options: RequestOptions, { appId, gateway }: RequestWorld): WireRequest | string {
  const method = (options.method ?? 'GET').toUpperCase()
  if (!methods.includes(method)) return `request:fail method ${method} is not supported`
  if (!/^https?:\/\/[^/]/.test(options.url)) return `request:fail invalid url "${options.url}"`
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  for (const [name, value] of Object.entries(options.header ?? {})) {
    if (gateway && /^x-wx-/i.test(name)) continue
    headers[name.toLowerCase()] = String(value)
  }
  headers.referer = `https://servicewechat.com/${appId}/devtools/page-frame.html`
  const { url, body } = withData(options.url, method, headers['content-type'] ?? '', options.data)
  return { url, method, headers, ...(body === undefined ? {} : { body }) }
}

function withData(url: string, method: string, type: string, data: unknown): Pick<WireRequest, 'url' | 'body'> {
  if (data === undefined || data === null) return { url }
  if (typeof data === 'string') return { url, body: data }
  if (data instanceof ArrayBuffer) return { url, body: new Uint8Array(data) }
  const form = new URLSearchParams(
    Object.entries(data).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString()
  if (method === 'GET') return { url: form === '' ? url : `${url}${url.includes('?') ? '&' : '?'}${form}` }
  return { url, body: /urlencoded/i.test(type) ? form : JSON.stringify(data) }
}

/** What the app's `success` is given for a reply. */
export function toResult(
  reply: WireReply,
  options: { dataType?: string; responseType?: string },
  { headerCase, gateway }: { headerCase: HeaderCase; gateway: boolean },
): RequestResult {
  const bytes = bytesOf(reply.body)
  const header = Object.fromEntries(
    Object.entries(reply.headers ?? {}).map(([name, value]) => [spell(name, gateway ? 'lower' : headerCase), value]),
  )
  const errMsg = gateway ? 'gateway.call:ok' : 'request:ok'
  return { statusCode: reply.status, data: dataOf(bytes, options), header, cookies: [], errMsg }
}

function dataOf(
  bytes: Buffer,
  { dataType = 'json', responseType = 'text' }: { dataType?: string; responseType?: string },
) {
  if (responseType === 'arraybuffer') return new Uint8Array(bytes).buffer
  const text = bytes.toString()
  if (dataType !== 'json') return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

function spell(name: string, headerCase: HeaderCase): string {
  if (headerCase === 'as-sent') return name
  if (headerCase === 'upper') return name.toUpperCase()
  const lower = name.toLowerCase()
  return headerCase === 'lower' ? lower : lower.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
}

import { type Callbacks, fail, promiseUnlessCallbacks, succeed } from './callbacks.ts'
import type { Api, Faults } from './faults.ts'
import type { WireReply } from './http.ts'
import { type HeaderCase, type RequestResult, toResult } from './request.ts'

/** A call of `wx.cloud.callContainer`, as the test's container sees it. Header names are in lower case. */
export interface ContainerRequest {
  /** Id of the cloud environment. */
  env: string
  /** The header `X-WX-SERVICE`: which service of the environment is meant. */
  service: string
  /** With the query. */
  path: string
  /** In capitals. */
  method: string
  /** As the mini program set them. */
  headers: Record<string, string>
  /** As sent, or nothing. */
  body?: string
}

/** What `wx.cloud` reaches. */
export interface CloudParts {
  /** Cloud functions by name: the argument is `data`, the value (or promise) is `result`; a throw fails the call. */
  functions?: Record<string, (data: unknown) => unknown>
  /** Every container of every environment. */
  container?: (request: ContainerRequest) => WireReply | Promise<WireReply>
}

export interface CloudWorld {
  parts: CloudParts
  faults: Faults
  headerCase: HeaderCase
  note(api: Api, subject: string): void
  later(api: Api, run: () => void): void
}

type FunctionResult = { result: unknown; errMsg: string; requestID: string }
type FunctionOptions = Callbacks<FunctionResult> & { name: string; data?: unknown }
type ContainerOptions = Callbacks<RequestResult> & {
  path: string
  config?: { env?: string }
  method?: string
  header?: Record<string, unknown>
  data?: unknown
  dataType?: string
  responseType?: string
}

/** `wx.cloud`, with the test's own functions and containers behind it. */
export function createCloud(world: CloudWorld) {
  const run = <Result>(api: Api, callbacks: Callbacks<Result>, work: () => Result | Promise<Result>) => {
    const fault = world.faults.take(api)
    if (fault === 'throw') throw new Error(`cloud.${api}:fail internal error`)
    if (fault === 'never') return
    if (fault && fault !== 'lost') {
      return world.later(api, () => fail(callbacks, { errMsg: `cloud.${api}:fail system error` }))
    }
    world.later(api, () => {
      Promise.resolve()
        .then(work)
        .then(
          (result) =>
            world.later(api, () =>
              fault ? fail(callbacks, { errMsg: `cloud.${api}:fail timeout` }) : succeed(callbacks, result),
            ),
          (error: Error) => world.later(api, () => fail(callbacks, { errMsg: `cloud.${api}:fail ${error.message}` })),
        )
    })
  }
  return {
    init(_options?: unknown): void {},
    callFunction(options: FunctionOptions) {
      world.note('callFunction', options.name)
      return promiseUnlessCallbacks(options, (callbacks) =>
        run('callFunction', callbacks, async () => {
          const known = world.parts.functions?.[options.name]
          if (!known) throw new Error('-501000 FunctionName parameter could not be found')
          const result = await known(copy(options.data ?? {}))
          return { result: copy(result), errMsg: 'cloud.callFunction:ok', requestID: 'fake' }
        }),
      )
    },
    callContainer(options: ContainerOptions) {
      world.note('callContainer', options.path)
      return promiseUnlessCallbacks(options, (callbacks) =>
        run('callContainer', callbacks, async () => {
          if (!world.parts.container) throw new Error('-501000 service not found')
          // Everything else is as with wx.request (WeChat's page on callContainer), this default too.
          const headers: Record<string, string> = { 'content-type': 'application/json' }
          for (const [name, value] of Object.entries(options.header ?? {})) headers[name.toLowerCase()] = String(value)
          const reply = await world.parts.container({
            env: options.config?.env ?? '',
            service: headers['x-wx-service'] ?? '',
            path: options.path,
            method: (options.method ?? 'GET').toUpperCase(),
            headers,
            ...(options.data === undefined ? {} : { body: textOf(options.data) }),
          })
          const result = toResult(reply, options, { headerCase: world.headerCase, gateway: false })
          return { ...result, errMsg: 'cloud.callContainer:ok' }
        }),
      )
    },
  }
}

const textOf = (data: unknown) => (typeof data === 'string' ? data : JSON.stringify(data))
const copy = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)))

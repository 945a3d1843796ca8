// What an app's developer sees of this package. The comments are in Chinese because they show up in the editor of
// people who write mini programs; this file must stay free of imports, so that the published types need no other package.

/** 小程序的版本：开发版、体验版、正式版。 */
export type EnvVersion = 'develop' | 'trial' | 'release'

/** 一个地址，或者按版本各写一个。可以带路径，不能带查询参数。 */
export type Address = string | Record<EnvVersion, string>

/** 登录的人。 */
export interface User {
  /** Hufu 的用户 id（`usr_…`），业务数据请挂在它下面。 */
  id: string
  /** 账号合并之前用过的 id，从旧到新；老数据里可能还是它们。 */
  formerIds: string[]
  /** 这个用户是不是本次启动时的登录新建的；从本地恢复的登录没有这一项。 */
  isNew?: boolean
  /** 服务端设置 `HUFU_EXPOSE_WECHAT_IDS=false` 时没有。 */
  openid?: string
  /** 微信没有给出时为 null。 */
  unionid?: string | null | undefined
}

/** HTTP 方法，与 `wx.request` 相同。 */
export type Method = 'OPTIONS' | 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'TRACE' | 'CONNECT'

/** 与 `wx.request` 的参数相同，只是没有三个回调。 */
export interface RequestOptions {
  /** 以 `/` 开头的相对地址；也接受以 `server` 或 `api` 开头的完整地址，别的一律拒绝。 */
  url: string
  /** 相对地址发给谁：业务后端（`api`，默认）还是 Hufu 自己（`server`，例如 `/v1/me`）。 */
  to?: 'api' | 'server'
  /** 默认 GET。 */
  method?: Method
  /** 请求体；GET 时拼进查询参数。 */
  data?: string | object | ArrayBuffer
  /** 这一个请求的请求头；`Authorization` 由 SDK 填写。 */
  header?: Record<string, string>
  /** 毫秒，默认 60000。 */
  timeout?: number
  /** 默认 `json`：答复按 JSON 解析。 */
  dataType?: string
  /** 默认 `text`。 */
  responseType?: 'text' | 'arraybuffer'
  /** 以下各项原样交给 `wx.request`，含义见微信文档。 */
  enableCache?: boolean
  /** 见 `wx.request`。 */
  enableChunked?: boolean
  /** 见 `wx.request`。 */
  enableHttp2?: boolean
  /** 见 `wx.request`。 */
  enableHttpDNS?: boolean
  /** 见 `wx.request`。 */
  enableHttpDNSFallback?: boolean
  /** 见 `wx.request`。 */
  enableProfile?: boolean
  /** 见 `wx.request`。 */
  enableQuic?: boolean
  /** 见 `wx.request`。 */
  forceCellularNetwork?: boolean
  /** 见 `wx.request`。 */
  httpDNSServiceId?: string
  /** 毫秒，见 `wx.request`。 */
  httpDNSTimeout?: number
  /** 见 `wx.request`。 */
  redirect?: 'follow' | 'manual'
  /** 见 `wx.request`。 */
  useHighPerformanceMode?: boolean
  /** 请求发出时得到 `RequestTask`，可以用来中断；401 重试时会再得到一个新的。 */
  onTask?: (task: unknown) => void
}

/** 与 `wx.request` 的成功结果相同：任何状态码都算成功。 */
export interface Reply<Data = unknown> {
  /** HTTP 状态码。 */
  statusCode: number
  /** 答复的内容；类型由调用者自己保证，SDK 不检查。 */
  data: Data
  /** 名字一律小写：不同手机、网关给出的大小写不同。 */
  header: Record<string, string>
  /** `Set-Cookie` 的内容，老的基础库没有。 */
  cookies?: string[]
}

/** 出错的原因，封闭的一组。 */
export type HufuErrorCode =
  | 'config'
  | 'login_failed'
  | 'cloud_failed'
  | 'code_refused'
  | 'user_blocked'
  | 'risk_refused'
  | 'snapshot_user'
  | 'signed_out'
  | 'network'
  | 'busy'
  | 'refused'
  | 'bad_reply'
  | 'foreign_url'

/** 这个包抛出的唯一一种错误；用 `isHufuError(error)` 判断。 */
export interface HufuError extends Error {
  /** 总是 `HufuError`。 */
  name: 'HufuError'
  /** 程序按它分支；`message` 给人看。 */
  code: HufuErrorCode
  /** 服务端的 HTTP 状态码。 */
  status?: number
  /** 服务端的错误码，例如 `app_unknown`。 */
  problem?: string
  /** 服务端日志里这次请求的编号。 */
  requestId?: string
  /** 多少秒以后再试才有用。 */
  retryAfter?: number
  /** 微信给出的 errMsg，或有问题的配置项。 */
  reason?: string
}

/** 各种登录方式共有的选项。 */
export interface SharedOptions {
  /** 业务后端的地址，默认与 `server` 相同。访问令牌只发往这两个地址。 */
  api?: Address
  /** 给每个请求加上自己的请求头。名字不要以 `x-wx-` 开头：微信网关会丢掉它们。 */
  headers?: Record<string, string> | ((request: RequestOptions) => Record<string, string>)
  /** 平台对象：`wx`（默认）、`uni`、`Taro`。 */
  wx?: Platform
}

/** 用 `wx.login` 登录。 */
export interface CodeOptions extends SharedOptions {
  /** Hufu 服务端的地址。 */
  server: Address
  /** 小程序的 AppID。 */
  appId: string
  /** 以模拟的人登录，只用于连着开发环境服务端的开发版和体验版。 */
  dev?: { person: string }
  /** 不用云开发；要用就换成下面两种选项。 */
  cloud?: undefined
}

/** 经云函数登录（`@hufu/cloud` 的 `createLogin`）。 */
export interface CloudFunctionOptions extends SharedOptions {
  /** 云函数的名字，先要执行过 `wx.cloud.init`。 */
  cloud: { function: string }
  /** 填了就用它续期和退出；不填则到期时再调用一次云函数。 */
  server?: Address
  /** 小程序的 AppID，默认取自平台。 */
  appId?: string
  /** 只有 `wx.login` 登录能用模拟的人。 */
  dev?: undefined
}

/** 经微信云托管登录：所有请求都走 `wx.cloud.callContainer`。 */
export interface CloudRunOptions extends SharedOptions {
  /** 云托管的服务名和云环境 id。 */
  cloud: { service: string; env: string }
  /** 不需要：请求不走公网地址。 */
  server?: undefined
  /** 小程序的 AppID，默认取自平台。 */
  appId?: string
  /** 只有 `wx.login` 登录能用模拟的人。 */
  dev?: undefined
}

/** 三种登录方式各有一种选项，由 `cloud` 区分。 */
export type ClientOptions = CodeOptions | CloudFunctionOptions | CloudRunOptions

/** 一个小程序的客户端。除 `user()`、`onChange()` 外都异步；失败时抛出 `HufuError`。 */
export interface Client {
  /** 登录。已经登录就直接给出用户；正在登录就等它。退出之后只有它能重新登录。 */
  login(): Promise<User>
  /** 页面在 `onLoad` 里等它：登录好了才继续。没有登录会自动登录；退出以后以 `signed_out` 失败。 */
  ready(): Promise<User>
  /** 带着访问令牌请求后端；没登录先登录，遇到 401 换新令牌重试一次。 */
  request<Data = unknown>(options: RequestOptions): Promise<Reply<Data>>
  /** 当前的用户；没有登录是 null。 */
  user(): User | null
  /** 退出登录，直到再次调用 `login()`。从不失败。 */
  logout(): Promise<void>
  /** 用户变化时（登录、退出、账号合并）得到通知；返回取消函数。 */
  onChange(listener: (user: User | null) => void): () => void
}

/** 这个包用到的平台能力；`wx`、`uni`、`Taro` 都符合。 */
export interface Platform {
  /** 取登录凭证。 */
  login(options: PlatformCallbacks<{ code: string }> & { timeout?: number }): unknown
  /** 发请求。 */
  request(options: PlatformCallbacks<PlatformReply> & { url: string }): unknown
  /** 读本地存储；没有时给出空串。 */
  getStorageSync(key: string): unknown
  /** 写本地存储；写不下会抛出。 */
  setStorageSync(key: string, data: unknown): void
  /** 删本地存储。 */
  removeStorageSync(key: string): void
  /** 没有它就当作正式版。 */
  getAccountInfoSync(): { miniProgram: { appId?: string; envVersion?: EnvVersion } }
  /** 云开发；没有它就只能用 `wx.login` 登录。 */
  cloud?: PlatformCloud
}

/** 云开发里用到的两个函数。 */
export interface PlatformCloud {
  /** 调用云函数。 */
  callFunction(options: PlatformCallbacks<{ result?: unknown }> & { name: string; data?: object }): unknown
  /** 请求云托管的服务；基础库 2.23.0 起。 */
  callContainer(options: PlatformCallbacks<PlatformReply> & { path: string }): unknown
}

/** 平台函数的两个回调，恰好调用其中一个。 */
export interface PlatformCallbacks<Result> {
  /** 成功。 */
  success?(result: Result): void
  /** 失败；`errMsg` 是平台的说法。 */
  fail?(failure: { errMsg: string }): void
}

/** 平台给出的答复。 */
export interface PlatformReply {
  /** HTTP 状态码。 */
  statusCode: number
  /** 已按 `dataType` 解析的内容。 */
  data: unknown
  /** 响应头，名字的大小写因手机而异。 */
  header: Record<string, string>
}

import type { HufuError, HufuErrorCode } from './types.ts'

/** Short on purpose: these travel in every app. The development build explains at length. */
const words: Record<HufuErrorCode, string> = {
  config: '配置有误',
  login_failed: '登录失败',
  cloud_failed: '云调用失败',
  code_refused: '凭证被拒',
  user_blocked: '已被封禁',
  risk_refused: '微信风控拦截',
  snapshot_user: '单页模式',
  signed_out: '已退出',
  network: '网络不通',
  busy: '服务繁忙',
  refused: '请求被拒',
  bad_reply: '答复有误',
  foreign_url: '地址未配置',
}

export type Details = {
  [Name in 'status' | 'problem' | 'requestId' | 'retryAfter' | 'reason']?: HufuError[Name] | undefined
}

/** The one error of this package. It quotes no token and no code; `reason` is what the platform said. */
export function fail(code: HufuErrorCode, details: Details): HufuError {
  const because = details.problem || details.reason
  const error = new Error(words[code] + (because ? ` (${because})` : ''))
  return merge(merge(error, { name: 'HufuError' as const, code }), details) as HufuError
}

/** Copies the members of the second into the first; the engines we serve may lack Object.assign. */
export function merge<A extends object, B extends object>(into: A, from: B | undefined): A & B {
  const target = into as Record<string, unknown>
  for (const name in from) target[name] = from[name]
  return into as A & B
}

/** Takes the other way when the error is of this kind, and passes every other error on. */
export const onlyAfter =
  <Result>(code: HufuErrorCode, otherWay: () => Promise<Result>) =>
  (error: HufuError): Promise<Result> =>
    error.code === code ? otherWay() : Promise.reject(error)

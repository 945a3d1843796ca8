import type { ProblemCode } from '@hufu/contract'
import type { WeChatError, WeChatErrorCode } from '@hufu/wechat'
import { ProblemError } from '../../domain/problem-error.ts'

interface Handling {
  code: ProblemCode
  /** For the developer of the caller. */
  says: string
  /** Whether the very same code may be sent once more: only where it cannot have been used. */
  retry: boolean
  /** Whether it counts against WeChat's health. */
  sick: boolean
  /** Whether it speaks of the app as a whole: many in a row, and the app is paused. */
  refusesApp?: true
  retryAfter?: number
}

const GET_A_NEW_CODE = 'Call wx.login again and send the new code.'
const OPERATOR = 'The operator of this server must look at its log: WeChat refuses the app.'

/** What each failure at WeChat means for the caller and for us. */
const HANDLING: Record<WeChatErrorCode, Handling> = {
  code_invalid: {
    code: 'code_invalid',
    says: `WeChat does not know this code, it is older than five minutes, or it was made for another app. ${GET_A_NEW_CODE}`,
    retry: false,
    sick: false,
  },
  code_used: { code: 'code_spent', says: `This code was used. ${GET_A_NEW_CODE}`, retry: false, sick: false },
  outcome_unknown: {
    code: 'code_spent',
    says: `WeChat's answer was lost, so this code may be used up. ${GET_A_NEW_CODE}`,
    retry: false,
    sick: true,
  },
  unreachable: {
    code: 'upstream_unavailable',
    says: 'WeChat cannot be reached. The same code may be tried again.',
    retry: true,
    sick: true,
    retryAfter: 1,
  },
  busy: {
    code: 'upstream_busy',
    says: 'WeChat is busy. The same code may be tried again.',
    retry: true,
    sick: true,
    retryAfter: 1,
  },
  rate_limited: {
    code: 'rate_limited',
    says: 'WeChat says that this person has logged in too often. Wait a minute.',
    retry: false,
    sick: false,
    retryAfter: 60,
  },
  quota_exhausted: { code: 'server_misconfigured', says: OPERATOR, retry: false, sick: false, refusesApp: true },
  risk_refused: {
    code: 'risk_refused',
    says: 'WeChat rates this person as high-risk and refuses the login. Do not try again.',
    retry: false,
    sick: false,
  },
  app_misconfigured: { code: 'server_misconfigured', says: OPERATOR, retry: false, sick: false, refusesApp: true },
  // Of several ways out to WeChat one may be missing in the app's list, so it says nothing about the others.
  ip_refused: { code: 'server_misconfigured', says: OPERATOR, retry: false, sick: false },
  token_invalid: {
    code: 'upstream_error',
    says: 'WeChat gave an answer that makes no sense here.',
    retry: false,
    sick: false,
  },
  unexpected: {
    code: 'upstream_error',
    says: `WeChat gave an answer that Hufu cannot read. ${GET_A_NEW_CODE}`,
    retry: false,
    sick: true,
  },
}

/**
 * How one failure is handled. An errcode that nobody knows, or a status below 500 that somebody on the way gave to this
 * request, is a bad answer, but no sign that WeChat is down.
 */
export function handlingOf(error: WeChatError): Handling {
  const handling = HANDLING[error.code]
  if (error.code !== 'unexpected') return handling
  const { errcode, status = 500 } = error
  return errcode === undefined && status >= 500 ? handling : { ...handling, sick: false }
}

export function toProblem(error: WeChatError): ProblemError {
  const { code, says, retryAfter } = handlingOf(error)
  return new ProblemError(code, says, { cause: error, ...(retryAfter === undefined ? {} : { retryAfter }) })
}

import { type LoginCode, loginCode } from '@hufu/wechat/words'
import { ProblemError } from './problem-error.ts'

/** `hufu-dev:<person>`, and what WeChat DevTools returns without a real AppID. The simulator takes both, again and again. */
const DEVELOPMENT_CODE = /^(?:hufu-dev:[\p{L}\p{N}_-]{1,64}|th(?:e|is) code is a mock one)$/u

export interface PostedCode {
  code: LoginCode
  /** Development only: never spent, so never remembered. */
  reusable: boolean
}

/**
 * Reads the code that a client posted. What does not look like one never reaches WeChat (threat T06).
 *
 * @throws {ProblemError} `code_invalid`
 */
export function readLoginCode(raw: string, { development }: { development: boolean }): PostedCode {
  if (development && DEVELOPMENT_CODE.test(raw)) return { code: raw as LoginCode, reusable: true }
  try {
    return { code: loginCode(raw), reusable: false }
  } catch {
    const mock = DEVELOPMENT_CODE.test(raw)
    throw new ProblemError(
      'code_invalid',
      mock
        ? 'This is the mock code of WeChat DevTools or a development code; only a development server takes it. Set a real AppID in the project.'
        : 'This is not a login code. Send the code of wx.login as it is.',
    )
  }
}

/**
 * Whoever posts a code may send a nonce with it, so that only they can repeat the post.
 *
 * @throws {ProblemError} `invalid_request`
 */
export function refuseNonce(nonce: string | undefined): void {
  if (nonce === undefined || /^[\w-]{16,64}$/.test(nonce)) return
  throw new ProblemError('invalid_request', 'Wrong: nonce (16 to 64 URL-safe characters).')
}

import type { Problem, ProblemCode } from '@hufu/contract'
import { PROBLEMS } from '@hufu/contract/data'

export const PROBLEM = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }

/** The problem document for what is no request: nothing of it is known, not even an id. */
export const malformed = (status: number): string =>
  problem(status, 'invalid_request', 'This is not an HTTP request that can be understood.')

function problem(status: number, code: ProblemCode, detail: string): string {
  const { title } = PROBLEMS[code]
  const whole: Problem = { type: `/problems/${code}`, title: title.en, status, code, detail, requestId: '' }
  return JSON.stringify(whole)
}

/**
 * The whole answer, as bytes, to what Node's HTTP parser refused with this code.
 *
 * @param most bytes of headers that a request may have
 */
export function refusalOf(code: string | undefined, most: number): string {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return answer(
        '431 Request Header Fields Too Large',
        problem(
          431,
          'headers_too_large',
          `The address and the headers together are larger than ${most / 1024} KiB. Large cookies are the usual cause; Hufu reads none.`,
        ),
      )
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return answer('408 Request Timeout', malformed(408))
    default:
      return answer('400 Bad Request', malformed(400))
  }
}

const answer = (line: string, body: string): string =>
  `HTTP/1.1 ${line}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`

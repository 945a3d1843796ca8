import type { Problem } from '@hufu/contract'

export const PROBLEM = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }

/** The problem document for what is no request: nothing of it is known, not even an id. */
export function malformed(status: number): string {
  const problem: Problem = {
    type: '/problems/invalid_request',
    title: 'Request not understood',
    status,
    code: 'invalid_request',
    detail: 'This is not an HTTP request that can be understood.',
    requestId: '',
  }
  return JSON.stringify(problem)
}

const STATUS_LINES: Record<string, string> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** The whole answer, as bytes, to what Node's HTTP parser refused with this code. */
export function refusalOf(code: string | undefined): string {
  const line = STATUS_LINES[code ?? ''] ?? '400 Bad Request'
  const body = malformed(Number(line.slice(0, 3)))
  return `HTTP/1.1 ${line}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`
}

import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { getRequestListener, type Http2Bindings, type HttpBindings } from '@hono/node-server'
import type { Problem } from '@hufu/contract'

export interface Listening {
  /** `http://host:port`, or the path of a socket. */
  address: string
  port: number
  /** Stops accepting, lets requests under way finish for up to `patience` ms, then closes what is left. */
  close(patience: number): Promise<void>
}

export type FetchHandler = (request: Request, env: unknown) => Response | Promise<Response>

/** Whose connection a request came on, as Node's listener tells it. */
export function peerOf(_: Request, env: unknown): string | undefined {
  const bindings = env as HttpBindings | Http2Bindings | undefined
  return bindings?.incoming?.socket?.remoteAddress
}

/** Threat T36: what a client may send, and how slowly; times in milliseconds. */
export const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2_000,
}

/** @throws the system's error when the place is taken (`EADDRINUSE`). */
export async function listen(
  fetch: FetchHandler,
  place: { host: string; port: number } | { path: string },
  limits: Partial<typeof LIMITS> = {},
): Promise<Listening> {
  const answer = getRequestListener(fetch, { overrideGlobalObjects: true, errorHandler: refuseTarget })
  const server = createServer({ ...LIMITS, ...limits }, (incoming, outgoing) => {
    if (hostsIn(incoming.rawHeaders) < 2) return answer(incoming, outgoing)
    const body = malformed(400)
    outgoing.writeHead(400, { ...PROBLEM, 'content-length': Buffer.byteLength(body), connection: 'close' }).end(body)
  })
  server.on('clientError', refuseMalformed)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(place, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const at = server.address()
  const port = typeof at === 'object' && at !== null ? at.port : 0
  return { address: addressOf(at), port, close: (patience) => close(server, patience) }
}

function addressOf(at: AddressInfo | string | null): string {
  if (typeof at === 'string' || at === null) return at ?? ''
  const host = at.family === 'IPv6' ? `[${at.address}]` : at.address
  return `http://${host}:${at.port}`
}

async function close(server: Server, patience: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  // What was under way becomes idle when it is answered; a client that keeps its connection must not hold us up.
  const idle = setInterval(() => server.closeIdleConnections(), 20)
  const timer = setTimeout(() => server.closeAllConnections(), patience)
  await closed
  clearInterval(idle)
  clearTimeout(timer)
}

const CLIENT_ERRORS: Record<string, string> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

const PROBLEM = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }

function malformed(status: number): string {
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

/** What is not HTTP never becomes a request; it still gets a problem document, and the connection ends. */
function refuseMalformed(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const status = CLIENT_ERRORS[error.code ?? ''] ?? '400 Bad Request'
  const body = malformed(Number(status.slice(0, 3)))
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

/** A host or target that is no URL. The application answers every other error by itself. */
function refuseTarget(error: unknown): Response {
  if (error instanceof Error && error.name === 'RequestError') {
    return new Response(malformed(400), { status: 400, headers: PROBLEM })
  }
  return new Response(null, { status: 500 })
}

/** Two hosts mean two readings of one request (RFC 9112 §3.2). */
function hostsIn(rawHeaders: readonly string[]): number {
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  return hosts
}

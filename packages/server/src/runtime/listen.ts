import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { getRequestListener, type Http2Bindings, type HttpBindings } from '@hono/node-server'
import { Connection, CountedRequest, connectionOf } from './connection.ts'
import { isExactTarget } from './exact-target.ts'
import { malformed, PROBLEM, refusalOf } from './refusal.ts'

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

/** Threat T36: what a client may send, how much of it at once, and how slowly; times in milliseconds. */
export const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
  unanswered: 32,
  stallTimeout: 10_000,
  lingerTimeout: 2_000,
}

/** @throws the system's error when the place is taken (`EADDRINUSE`). */
export async function listen(
  fetch: FetchHandler,
  place: { host: string; port: number } | { path: string },
  limits: Partial<typeof LIMITS> = {},
): Promise<Listening> {
  const answer = getRequestListener(fetch, {
    overrideGlobalObjects: true,
    errorHandler: refuseTarget,
    hostname: UNNAMED,
  })
  const server = openServer({ ...LIMITS, ...limits }, answer)
  const open = new Set<Socket>()
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(place, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const at = server.address()
  const port = typeof at === 'object' && at !== null ? at.port : 0
  return { address: addressOf(at), port, close: (patience) => close(server, open, patience) }
}

type Answer = (incoming: IncomingMessage, outgoing: ServerResponse) => unknown

/** Every way by which Node tells of a client: each ends in a count of what it waits for. */
function openServer(limits: typeof LIMITS, answer: Answer): Server {
  const options = { ...limits, IncomingMessage: CountedRequest, requireHostHeader: false, shouldUpgradeCallback: no }
  const server = createServer(options, (incoming, outgoing) => {
    if (!connectionOf(incoming.socket)?.accept(incoming, outgoing)) return
    if (!hasOneHost(incoming)) refuse(outgoing, 400)
    else if (isExactTarget(incoming.url ?? '')) answer(incoming, outgoing)
    else refuse(outgoing, 400, { keep: true })
  })
  server.on('checkExpectation', (incoming, outgoing) => {
    if (connectionOf(incoming.socket)?.accept(incoming, outgoing)) refuse(outgoing, 417)
  })
  server.on('connection', (socket) => new Connection(socket, limits))
  // What is not HTTP never becomes a request; it still gets a problem document, and the connection ends.
  server.on('clientError', (error: Error & { code?: string }, socket: Socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') socket.destroy()
    else connectionOf(socket)?.end(refusalOf(error.code, limits.maxHeaderSize))
  })
  // A `CountedRequest` too many, and nothing else. Node's own listeners have left this socket.
  server.on('upgrade', (_, socket: Socket) => {
    socket.on('error', () => {}) // it went away; unheard, this would end the process
    socket.on('timeout', () => connectionOf(socket)?.silent())
    connectionOf(socket)?.end()
  })
  server.timeout = limits.stallTimeout
  server.on('timeout', (socket) => connectionOf(socket)?.silent())
  return server
}

const no = (): boolean => false

/** What a client that names no host (HTTP/1.0) is taken to have called us. */
const UNNAMED = 'localhost'

/** `keep`: where the request ends is certain, so others may follow it. */
function refuse(outgoing: ServerResponse, status: number, { keep = false } = {}): void {
  outgoing.statusCode = status
  outgoing.setHeaders(new Map(Object.entries({ ...PROBLEM, ...(keep ? {} : { connection: 'close' }) })))
  outgoing.end(malformed(status)) // Node counts it, and leaves it out where only the head was asked for
}

function addressOf(at: AddressInfo | string | null): string {
  if (typeof at === 'string' || at === null) return at ?? ''
  const host = at.family === 'IPv6' ? `[${at.address}]` : at.address
  return `http://${host}:${at.port}`
}

async function close(server: Server, open: Set<Socket>, patience: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  // What was under way becomes idle when it is answered; a client that keeps its connection must not hold us up.
  const idle = setInterval(() => server.closeIdleConnections(), 20)
  const timer = setTimeout(() => {
    for (const socket of open) socket.destroy()
  }, patience)
  await closed
  clearInterval(idle)
  clearTimeout(timer)
}

/** A host or target that is no URL. The application answers every other error by itself. */
function refuseTarget(error: unknown): Response {
  if (error instanceof Error && error.name === 'RequestError') {
    return new Response(malformed(400), { status: 400, headers: PROBLEM })
  }
  return new Response(null, { status: 500 })
}

/** Two hosts mean two readings of one request (RFC 9112 §3.2). Before HTTP/1.1 there need be none. */
function hasOneHost({ rawHeaders, httpVersion }: IncomingMessage): boolean {
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  return hosts === 1 || (hosts === 0 && httpVersion === '1.0')
}

import { createServer, type Server, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** The request line as it came. */
  readonly line: string
  readonly body: string
}

/** What a server does with a request that has arrived whole. */
export type Behaviour = (socket: Socket, asked: Asked) => void

export interface RawServer {
  readonly baseUrl: string
  readonly port: number
  /** Every request that arrived, in order. */
  readonly asked: Asked[]
  /** Connections that were ever made. */
  readonly connections: number
  readonly open: ReadonlySet<Socket>
  behaviour: Behaviour
  /** What happens as soon as a connection stands. */
  onConnection: (socket: Socket) => void
  close(): Promise<void>
}

/** A server on loopback that speaks whatever bytes the test wants, and knows nothing of HTTP libraries. */
export async function rawServer(t: TestContext, behaviour: Behaviour, tls?: TlsOptions): Promise<RawServer> {
  const open = new Set<Socket>()
  let connections = 0
  const accept = (socket: Socket) => {
    connections++
    open.add(socket)
    socket.setNoDelay(true)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => {})
    raw.onConnection(socket)
    let waiting = ''
    socket.on('data', (bytes) => {
      waiting += bytes.toString('latin1')
      for (let end = waiting.indexOf('\r\n\r\n'); end >= 0; end = waiting.indexOf('\r\n\r\n')) {
        const head = waiting.slice(0, end)
        const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
        if (waiting.length < end + 4 + length) return
        const asked = read(head, waiting.slice(end + 4, end + 4 + length))
        waiting = waiting.slice(end + 4 + length)
        raw.asked.push(asked)
        raw.behaviour(socket, asked)
      }
    })
  }
  const server: Server = tls ? createTlsServer(tls, accept) : createServer(accept)
  server.on('tlsClientError', () => {})
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const raw: RawServer = {
    baseUrl: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    asked: [],
    get connections() {
      return connections
    },
    open,
    behaviour,
    onConnection: () => {},
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        for (const socket of open) socket.destroy()
      }),
  }
  t.after(() => raw.close())
  return raw
}

function read(head: string, body: string): Asked {
  const line = head.slice(0, head.indexOf('\r\n'))
  const [method = '', target = ''] = line.split(' ')
  const [path = '', query = ''] = target.split('?')
  return { method, path, query: new URLSearchParams(query), line, body }
}

export interface AnswerOptions {
  status?: string
  headers?: readonly string[]
}

/** An HTTP answer as bytes, with the right length. */
export function answer(body: string | Buffer, { status = '200 OK', headers = [] }: AnswerOptions = {}): Buffer {
  const bytes = Buffer.from(body)
  const head = [`HTTP/1.1 ${status}`, 'Content-Type: text/plain', `Content-Length: ${bytes.length}`, ...headers]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes])
}

/** Answers every request alike. */
export const always =
  (body: string | Buffer, options?: AnswerOptions): Behaviour =>
  (socket) =>
    socket.write(answer(body, options))

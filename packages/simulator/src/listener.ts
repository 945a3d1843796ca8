import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'

/** Where to listen. */
export type ListenOptions = {
  /** Default 127.0.0.1. */
  host?: string | undefined
  /** Host names that it is called by besides localhost and addresses, such as that of its container. */
  names?: string[] | undefined
  /** Default 0: any free port. */
  port?: number | undefined
  /** Serves https with this certificate, good or bad. */
  tls?: { key: string; cert: string } | undefined
}

/** A port that is served. */
export type Listener = {
  /** `http://127.0.0.1:8789`: scheme, host and port, no slash at the end. */
  readonly url: string
  /** The port that was bound, also where any free one was asked for. */
  readonly port: number
  /** Shuts the port for so many milliseconds of real time: new connections are refused, open ones end. */
  shut(ms: number): void
  /** Opens a shut port again before its time. */
  open(): void
  /** Stops for good and ends every connection, also those that hang. */
  close(): Promise<void>
}

export async function listen(
  handle: RequestListener,
  { host = '127.0.0.1', port = 0, tls }: ListenOptions,
): Promise<Listener> {
  // Longer than any client keeps an idle connection, so that none is closed under a request on its way.
  const options = { keepAliveTimeout: 120_000 }
  const server: Server = tls ? createTlsServer({ ...options, ...tls }, handle) : createServer(options, handle)
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => {}) // a client that went away is no news here
  })
  const bound = await bindTo(server, host, port)
  let reopening: NodeJS.Timeout | undefined

  const open = () => {
    if (reopening === undefined) return
    clearTimeout(reopening)
    reopening = undefined
    server.listen(bound, host)
  }
  return {
    url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    port: bound,
    open,
    shut(ms) {
      clearTimeout(reopening)
      reopening = setTimeout(open, ms)
      server.close() // ends the idle connections too; the busy ones may still say what they have written by now
      setImmediate(() => {
        for (const socket of sockets) socket.destroySoon()
      })
    },
    async close() {
      clearTimeout(reopening)
      const closed = new Promise<void>((done) => server.close(() => done()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

function bindTo(server: Server, host: string, port: number): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', fail)
    server.listen(port, host, () => {
      server.off('error', fail)
      const address = server.address()
      done(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

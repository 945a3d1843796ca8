import { IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { closeGracefully, discardInput } from './close-gracefully.ts'

export interface ConnectionLimits {
  /** Requests that a client may send ahead of their answers. */
  unanswered: number
  /** Milliseconds in which a client must take something of what is written for it. */
  stallTimeout: number
  /** Milliseconds that a client has to read the last answer and close. */
  lingerTimeout: number
}

const connections = new WeakMap<Socket, Connection>()

/** The connection of a socket that {@link Connection} was told of. */
export const connectionOf = (socket: Socket): Connection | undefined => connections.get(socket)

/** One client's connection: what it still waits for, and how it ends (threat T36). */
export class Connection {
  readonly #socket: Socket
  readonly #limits: ConnectionLimits
  readonly #waiting = new Set<ServerResponse>()
  #last: { incoming: IncomingMessage; outgoing: ServerResponse } | undefined
  /** What is said after the last answer. */
  #farewell: string | undefined

  constructor(socket: Socket, limits: ConnectionLimits) {
    this.#socket = socket
    this.#limits = limits
    connections.set(socket, this)
    // Node ends a connection by this after an answer with `connection: close`.
    socket.destroySoon = () => closeGracefully(socket, limits.lingerTimeout)
  }

  /** Whether one request more would be one too many. */
  get full(): boolean {
    return this.#waiting.size >= this.#limits.unanswered
  }

  /** Counts a request until it is answered. False where nobody would read the answer: it must not be worked on. */
  accept(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
    if (this.#farewell !== undefined || this.#socket.writableEnded) return false
    this.#last = { incoming, outgoing }
    this.#waiting.add(outgoing)
    outgoing.once('close', () => {
      this.#waiting.delete(outgoing)
      if (this.#farewell !== undefined) this.#endWhenAnswered()
    })
    return true
  }

  /** Reads nothing more, gives the answers that are due, then says `farewell`, and ends. */
  end(farewell = ''): void {
    if (this.#farewell !== undefined) return
    this.#farewell = farewell
    // Its end, too: Node would answer that by an end of ours, before the answers that are due.
    this.#socket.removeAllListeners('end')
    discardInput(this.#socket)
    this.#endWhenAnswered()
  }

  /** Time has passed without a byte. A client that is waited for has other limits; one that takes nothing is let go. */
  silent(): void {
    const { stallTimeout } = this.#limits
    const idle = this.#socket.timeout !== stallTimeout // Node sets another time between two requests
    if (idle || this.#socket.writableLength > 0) this.#socket.destroy()
    else this.#socket.setTimeout(stallTimeout)
  }

  #endWhenAnswered(): void {
    const cut = this.#cut()
    const due = this.#waiting.size - (cut && !cut.headersSent && this.#waiting.has(cut) ? 1 : 0)
    if (due > 0) return
    if (this.#socket.writable && !cut?.headersSent) this.#socket.write(this.#farewell ?? '')
    closeGracefully(this.#socket, this.#limits.lingerTimeout)
  }

  /** The answer to a request that did not arrive whole. The farewell stands in for it, unless it was given already. */
  #cut(): ServerResponse | undefined {
    return this.#last?.incoming.complete === false ? this.#last.outgoing : undefined
  }
}

/**
 * A request that stops the parser when it is one too many. The parser takes 64 KiB at a time, which is thousands of
 * requests; only one that asks for another protocol makes it stop between two of them and hand over the socket.
 */
export class CountedRequest extends IncomingMessage {
  constructor(socket: Socket) {
    super(socket)
    if (connectionOf(socket)?.full) Object.defineProperty(this, 'upgrade', { get: () => true, set: () => {} })
  }
}

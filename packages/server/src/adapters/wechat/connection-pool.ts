import { TransportError } from '@hufu/wechat'
import type { Connection } from './connection.ts'

export interface ConnectionPoolOptions {
  /** Connections at one time; further calls wait for one. */
  max: number
  /** How long a connection stays silent after an answer before it carries the next request, in milliseconds. */
  rest: number
  /** The same, in milliseconds, when there are as many connections as may be, all of them busy or resting. */
  shortRest: number
}

interface Resting {
  readonly connection: Connection
  readonly since: number
  readonly turn: number
}

interface Waiter {
  resolve(connection: Connection): void
  reject(error: TransportError): void
  timer: NodeJS.Timeout
}

/**
 * The connections to one origin.
 *
 * After an answer a connection rests. HTTP/1.1 does not say which request an answer belongs to, so a server that answers
 * twice would give the second answer to the next person; here it arrives while nobody waits, and undici closes the
 * connection. Nagle's algorithm may hold a second answer back until our kernel acknowledges the first, which it does
 * after 40 ms or with our next request: the rest outlasts that and the way there and back. It also lasts into the next
 * turn of the event loop, because in a long turn nobody looks at the sockets.
 */
export class ConnectionPool {
  readonly #open: () => Connection
  readonly #options: ConnectionPoolOptions
  /** Rested; the last used is used first, so that the ones beyond need fall silent and close. */
  readonly #free: Connection[] = []
  readonly #resting: Resting[] = []
  readonly #waiting: Waiter[] = []
  #count = 0
  #turn = 0
  #turning = false
  #wake: NodeJS.Timeout | undefined
  #closed: PromiseWithResolvers<void> | undefined

  constructor(open: () => Connection, options: ConnectionPoolOptions) {
    this.#open = open
    this.#options = options
  }

  /**
   * A connection for one request, to be given back after it; `undefined` when all are in use or others wait already.
   *
   * @throws {TransportError} `closed`
   */
  take(): Connection | undefined {
    if (this.#closed) throw new TransportError('closed', { sent: false })
    return this.#waiting.length > 0 ? undefined : this.#next()
  }

  /** The next connection, in the order of asking. @throws {TransportError} `no_connection_free` after so many milliseconds. */
  wait(milliseconds: number): Promise<Connection> {
    const { promise, resolve, reject } = Promise.withResolvers<Connection>()
    const timer = setTimeout(() => {
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
      reject(new TransportError('no_connection_free', { sent: false }))
    }, milliseconds)
    const waiter: Waiter = { resolve, reject, timer }
    this.#waiting.push(waiter)
    this.#serve()
    return promise
  }

  /** Takes one back after its request, whole or broken. */
  give(connection: Connection): void {
    if (this.#closed) connection.end()
    if (connection.broken) this.#count--
    else this.#rest(connection)
    if (this.#waiting.length > 0) this.#serve()
    if (this.#count === 0) this.#closed?.resolve()
  }

  /** Refuses new calls and those that wait; resolves when the ones under way have ended. */
  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = Promise.withResolvers()
      for (const { reject, timer } of this.#waiting.splice(0)) {
        clearTimeout(timer)
        reject(new TransportError('closed', { sent: false }))
      }
      for (const connection of [
        ...this.#free.splice(0),
        ...this.#resting.splice(0).map(({ connection }) => connection),
      ]) {
        connection.end()
        this.#count--
      }
      if (this.#count === 0) this.#closed.resolve()
    }
    return this.#closed.promise
  }

  #rest(connection: Connection): void {
    this.#resting.push({ connection, since: performance.now(), turn: this.#turn })
    if (this.#turning) return
    this.#turning = true
    setImmediate(() => {
      this.#turning = false
      this.#turn++
    })
  }

  #next(): Connection | undefined {
    for (let connection = this.#rested(this.#options.rest); connection; connection = this.#rested(this.#options.rest))
      this.#free.push(connection)
    const connection = this.#free.pop()
    if (connection) return connection
    if (this.#count === this.#options.max) return this.#rested(this.#options.shortRest)
    this.#count++
    return this.#open()
  }

  /** The one that rests longest, if that is so many milliseconds. */
  #rested(milliseconds: number): Connection | undefined {
    const first = this.#resting[0]
    if (!first || first.turn === this.#turn || performance.now() - first.since < milliseconds) return undefined
    this.#resting.shift()
    return first.connection
  }

  #serve(): void {
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const connection = this.#next()
      if (!connection) break
      this.#waiting.shift()
      clearTimeout(first.timer)
      first.resolve(connection)
    }
    if (this.#waiting.length === 0 || this.#resting.length === 0 || this.#wake) return
    this.#wake = setTimeout(() => {
      this.#wake = undefined
      this.#serve()
    }, this.#options.shortRest)
  }
}

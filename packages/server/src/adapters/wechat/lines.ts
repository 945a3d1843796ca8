import { TransportError } from '@hufu/wechat'
import type { Line } from './line.ts'

export interface LinesOptions {
  /** Exchanges at one time; further calls wait for a line. */
  max: number
  /** How long a line stays silent after an answer before it carries the next exchange, in milliseconds. */
  rest: number
  /** The same when there are as many lines as may be, all of them busy or resting. */
  shortRest: number
}

interface Resting {
  readonly line: Line
  readonly since: number
  readonly turn: number
}

interface Waiter {
  resolve(line: Line): void
  reject(error: TransportError): void
  timer: NodeJS.Timeout
}

/**
 * The connections to one origin.
 *
 * After an answer a line rests. HTTP/1.1 does not say which request an answer belongs to, so a server that answers
 * twice would give the second answer to the next person; here it arrives while nobody waits, and undici closes the
 * connection. Nagle's algorithm may hold a second answer back until our kernel acknowledges the first, which it does
 * after 40 ms or with our next request: the rest outlasts that and the way there and back. It also lasts into the next
 * turn of the event loop, because in a long turn nobody looks at the sockets.
 */
export class Lines {
  readonly #open: () => Line
  readonly #options: LinesOptions
  /** Rested; the last used is used first, so that the ones beyond need fall silent and close. */
  readonly #free: Line[] = []
  readonly #resting: Resting[] = []
  readonly #waiting: Waiter[] = []
  #count = 0
  #turn = 0
  #turning = false
  #wake: NodeJS.Timeout | undefined
  #closed: PromiseWithResolvers<void> | undefined

  constructor(open: () => Line, options: LinesOptions) {
    this.#open = open
    this.#options = options
  }

  /** A line for one exchange, to be given back after it; `undefined` when all are in use or others wait already. */
  take(): Line | undefined {
    if (this.#closed) throw new TransportError('closed', { sent: false })
    return this.#waiting.length > 0 ? undefined : this.#next()
  }

  /** The next line, in the order of asking. @throws {TransportError} after so many milliseconds without one. */
  wait(milliseconds: number): Promise<Line> {
    const { promise, resolve, reject } = Promise.withResolvers<Line>()
    const timer = setTimeout(() => {
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
      reject(new TransportError('no_line_free', { sent: false }))
    }, milliseconds)
    const waiter: Waiter = { resolve, reject, timer }
    this.#waiting.push(waiter)
    this.#serve()
    return promise
  }

  give(line: Line): void {
    if (this.#closed) line.end()
    if (line.broken) this.#count--
    else this.#rest(line)
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
      for (const line of [...this.#free.splice(0), ...this.#resting.splice(0).map(({ line }) => line)]) {
        line.end()
        this.#count--
      }
      if (this.#count === 0) this.#closed.resolve()
    }
    return this.#closed.promise
  }

  #rest(line: Line): void {
    this.#resting.push({ line, since: performance.now(), turn: this.#turn })
    if (this.#turning) return
    this.#turning = true
    setImmediate(() => {
      this.#turning = false
      this.#turn++
    })
  }

  #next(): Line | undefined {
    for (let line = this.#rested(this.#options.rest); line; line = this.#rested(this.#options.rest))
      this.#free.push(line)
    const line = this.#free.pop()
    if (line) return line
    if (this.#count === this.#options.max) return this.#rested(this.#options.shortRest)
    this.#count++
    return this.#open()
  }

  /** The line that rests longest, if that is so many milliseconds. */
  #rested(milliseconds: number): Line | undefined {
    const first = this.#resting[0]
    if (!first || first.turn === this.#turn || performance.now() - first.since < milliseconds) return undefined
    this.#resting.shift()
    return first.line
  }

  #serve(): void {
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const line = this.#next()
      if (!line) break
      this.#waiting.shift()
      clearTimeout(first.timer)
      first.resolve(line)
    }
    if (this.#waiting.length === 0 || this.#resting.length === 0 || this.#wake) return
    this.#wake = setTimeout(() => {
      this.#wake = undefined
      this.#serve()
    }, this.#options.shortRest)
  }
}

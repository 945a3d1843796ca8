import { TransportError } from '@hufu/wechat'
import type { Line } from './line.ts'

export interface LinesOptions {
  /** Exchanges at one time; further calls wait for a line. */
  max: number
  /** How long a line is silent after an answer before it carries the next exchange, in milliseconds. */
  rest: number
}

interface Waiter {
  resolve(line: Line): void
  reject(error: TransportError): void
  timer: NodeJS.Timeout
}

/**
 * The connections to one origin.
 *
 * After an answer a line rests for a moment. A server that answers twice is caught by it: the second answer arrives
 * while nobody waits, undici closes the connection, and it never becomes the answer to somebody else's code.
 */
export class Lines {
  readonly #open: () => Line
  readonly #options: LinesOptions
  /** Rested; the last used is used first, so that the ones beyond need fall silent and close. */
  readonly #free: Line[] = []
  readonly #resting: Line[] = []
  readonly #waiting: Waiter[] = []
  #count = 0
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
    else this.#resting.push(line)
    line.freeSince = performance.now()
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
      for (const line of [...this.#free.splice(0), ...this.#resting.splice(0)]) {
        line.end()
        this.#count--
      }
      if (this.#count === 0) this.#closed.resolve()
    }
    return this.#closed.promise
  }

  #next(): Line | undefined {
    const rested = performance.now() - this.#options.rest
    while (this.#resting[0] && this.#resting[0].freeSince <= rested) this.#free.push(...this.#resting.splice(0, 1))
    const line = this.#free.pop()
    if (line || this.#count === this.#options.max) return line
    this.#count++
    return this.#open()
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
    }, this.#options.rest)
  }
}

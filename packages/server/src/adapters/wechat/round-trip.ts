import { TransportError, type TransportReply } from '@hufu/wechat'
import type { Dispatcher } from 'undici'

/** How long things may take, in milliseconds. */
export interface Deadlines {
  /** From choosing a connection until it stands, with a trusted certificate. */
  connect: number
  /** From the start of the request to the last byte of the answer. */
  answer: number
  /** From the call to its end, waiting for a connection included. */
  whole: number
}

/** One request to WeChat: GET, or POST of `body` where there is one. */
export interface Request {
  readonly path: string
  readonly body: string | undefined
  /** When the call began, in milliseconds on the clock of `performance.now()`. */
  readonly began: number
}

/** A genuine answer has some hundred bytes. */
export const MAX_BYTES = 64 * 1024

/** Where a round trip says how it ended: once, one of the two. */
export interface Ending {
  resolve(reply: TransportReply): void
  fail(error: TransportError): void
}

/** One request and its answer, as undici reports them, watched by our own deadlines. */
export class RoundTrip implements Dispatcher.DispatchHandler {
  #sent = false
  #done = false
  #status = 0
  #size = 0
  #body: Buffer[] = []
  #expires: number
  #timer: NodeJS.Timeout
  readonly #request: Request
  readonly #deadlines: Deadlines
  readonly #ending: Ending

  constructor(request: Request, deadlines: Deadlines, ending: Ending) {
    this.#request = request
    this.#deadlines = deadlines
    this.#ending = ending
    this.#expires = this.#after(deadlines.connect)
    this.#timer = this.#watch()
  }

  /** The connection stands and the request is about to be written: from here on WeChat may have seen it. */
  onRequestStart(): void {
    if (this.#sent) this.#fail('sent_again') // a code must never travel twice
    this.#sent = true
    this.#expires = this.#after(this.#deadlines.answer)
  }

  onResponseStart(_: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
    this.#status = status // an interim answer (1xx) comes here too, and the real one after it
    if (headers['content-encoding'] !== undefined) this.#fail('answer_encoded', { answered: true }) // nobody asked for it
    if (Number(headers['content-length']) > MAX_BYTES) this.#fail('answer_too_large', { answered: true })
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    this.#size += chunk.length
    this.#body.push(chunk)
    if (this.#size > MAX_BYTES) this.#fail('answer_too_large', { answered: true })
  }

  onResponseEnd(): void {
    if (this.#done) return
    this.#finish()
    const [first, ...rest] = this.#body
    const text = first === undefined ? '' : (rest.length === 0 ? first : Buffer.concat(this.#body)).toString()
    this.#ending.resolve({ status: this.#status, text })
  }

  /** The error itself is dropped: some hold bytes of the answer. */
  onResponseError(_: unknown, error: Error): void {
    const reason = 'code' in error && typeof error.code === 'string' ? error.code : error.name
    const notHttp = this.#status === 0 && /^HPE|^HTTPParser|OVERFLOW/.test(reason)
    this.#fail(reason, { answered: notHttp || reason === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' })
  }

  #fail(reason: string, { answered = false } = {}): void {
    if (this.#done) return
    this.#finish()
    this.#ending.fail(new TransportError(reason, { sent: this.#sent, answered }))
  }

  #finish(): void {
    this.#done = true
    clearTimeout(this.#timer)
  }

  #after(milliseconds: number): number {
    return Math.min(performance.now() + milliseconds, this.#request.began + this.#deadlines.whole)
  }

  /** One timer for connecting and answering, early enough for either: most round trips are over before it looks. */
  #watch(): NodeJS.Timeout {
    const look = () => {
      if (performance.now() < this.#expires) this.#timer = this.#watch()
      else this.#fail(this.#sent ? 'answer_deadline' : 'connect_deadline')
    }
    const left = Math.min(this.#expires - performance.now(), this.#deadlines.answer)
    return setTimeout(look, Math.max(1, Math.ceil(left)))
  }
}

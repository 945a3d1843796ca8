import { TransportError, type TransportReply } from '@hufu/wechat'
import type { buildConnector, Dispatcher } from 'undici'
import Client from 'undici/lib/dispatcher/client.js'

export interface Deadlines {
  /** From choosing a line to a connection with a trusted certificate, in milliseconds as all of these. */
  connect: number
  /** From the start of the request to the last byte of the answer. */
  answer: number
  /** From the call to its end, waiting for a line included. */
  whole: number
}

export interface Request {
  readonly path: string
  readonly body: string | undefined
  /** When the call began, on the clock of `performance.now()`. */
  readonly began: number
}

/** An honest answer has some hundred bytes. */
const maxBytes = 64 * 1024

/**
 * One connection to WeChat that carries one exchange at a time. Whatever goes wrong on it is its end: an answer that
 * comes late finds no line on which it could be taken for somebody else's.
 */
export class Line {
  broken = false
  readonly #client: Client
  readonly #deadlines: Deadlines

  constructor(origin: string, connect: buildConnector.connector, deadlines: Deadlines) {
    this.#deadlines = deadlines
    this.#client = new Client(origin, {
      connect,
      allowH2: false, // one exchange per connection is what the rules here are about
      pipelining: 1,
      headersTimeout: 0, // our own deadlines are exact; these would be half a second coarse
      bodyTimeout: 0,
      maxResponseSize: maxBytes,
    })
  }

  /** @throws {TransportError} */
  exchange(request: Request): Promise<TransportReply> {
    return new Promise((resolve, reject) => {
      const exchange = new Exchange(request, this.#deadlines, resolve, (error) => {
        this.end()
        reject(error)
      })
      this.#client.dispatch(
        request.body === undefined
          ? { method: 'GET', path: request.path }
          : { method: 'POST', path: request.path, body: request.body, headers: jsonBody },
        exchange,
      )
    })
  }

  end(): void {
    this.broken = true
    this.#client.destroy(() => {})
  }
}

const jsonBody = ['content-type', 'application/json']

class Exchange implements Dispatcher.DispatchHandler {
  #sent = false
  #done = false
  #status = 0
  #size = 0
  #body: Buffer[] = []
  #expires: number
  #timer: NodeJS.Timeout
  readonly #request: Request
  readonly #deadlines: Deadlines
  readonly #resolve: (reply: TransportReply) => void
  readonly #reject: (error: TransportError) => void

  constructor(
    request: Request,
    deadlines: Deadlines,
    resolve: (reply: TransportReply) => void,
    reject: (error: TransportError) => void,
  ) {
    this.#request = request
    this.#deadlines = deadlines
    this.#resolve = resolve
    this.#reject = reject
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
    if (Number(headers['content-length']) > maxBytes) this.#fail('answer_too_large', { answered: true })
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    this.#size += chunk.length
    this.#body.push(chunk)
    if (this.#size > maxBytes) this.#fail('answer_too_large', { answered: true })
  }

  onResponseEnd(): void {
    if (this.#done) return
    this.#finish()
    const [first, ...rest] = this.#body
    const text = first === undefined ? '' : (rest.length === 0 ? first : Buffer.concat(this.#body)).toString()
    this.#resolve({ status: this.#status, text })
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
    this.#reject(new TransportError(reason, { sent: this.#sent, answered }))
  }

  #finish(): void {
    this.#done = true
    clearTimeout(this.#timer)
  }

  #after(milliseconds: number): number {
    return Math.min(performance.now() + milliseconds, this.#request.began + this.#deadlines.whole)
  }

  /** One timer for both stages, early enough for either: most exchanges are over before it looks. */
  #watch(): NodeJS.Timeout {
    const look = () => {
      if (performance.now() < this.#expires) this.#timer = this.#watch()
      else this.#fail(this.#sent ? 'answer_deadline' : 'connect_deadline')
    }
    const left = Math.min(this.#expires - performance.now(), this.#deadlines.answer)
    return setTimeout(look, Math.max(1, Math.ceil(left)))
  }
}

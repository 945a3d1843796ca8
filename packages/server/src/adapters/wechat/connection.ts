import type { TransportError, TransportReply } from '@hufu/wechat'
import type { buildConnector } from 'undici'
import Client from 'undici/lib/dispatcher/client.js'
import { type Deadlines, MAX_BYTES, type Request, RoundTrip } from './round-trip.ts'

/**
 * One connection to WeChat that carries one request at a time. Whatever goes wrong on it is its end: an answer that
 * comes late finds no connection on which it could be taken for somebody else's.
 */
export class Connection {
  broken = false
  readonly #client: Client
  readonly #deadlines: Deadlines

  constructor(origin: string, connect: buildConnector.connector, deadlines: Deadlines) {
    this.#deadlines = deadlines
    this.#client = new Client(origin, {
      connect,
      allowH2: false, // one request at a time on a connection is what the rules here are about
      pipelining: 1,
      headersTimeout: 0, // our own deadlines are exact; these would be half a second coarse
      bodyTimeout: 0,
      maxResponseSize: MAX_BYTES,
    })
  }

  /** @throws {TransportError} and is broken then: nothing may be sent on it again. */
  send(request: Request): Promise<TransportReply> {
    return new Promise((resolve, reject) => {
      const fail = (error: TransportError): void => {
        this.end()
        reject(error)
      }
      const { path, body } = request
      this.#client.dispatch(
        body === undefined ? { method: 'GET', path } : { method: 'POST', path, body, headers: jsonBody },
        new RoundTrip(request, this.#deadlines, { resolve, fail }),
      )
    })
  }

  end(): void {
    this.broken = true
    this.#client.destroy(() => {})
  }
}

const jsonBody = ['content-type', 'application/json']

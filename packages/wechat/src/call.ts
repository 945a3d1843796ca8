import { TransportError, WeChatError } from './errors.ts'
import { fetchTransport } from './fetch-transport.ts'
import { type Reply, readReply } from './reply.ts'
import type { Query, Transport, TransportReply } from './transport.ts'

/** @throws {WeChatError} for whatever goes wrong on the way and whatever WeChat refuses. */
export type Call = (path: string, query: Query, body?: string) => Promise<Reply>

/** The one place that talks to WeChat. The query holds the AppSecret, so errors carry the path and never the URL. */
export function createCall(transport: Transport = fetchTransport()): Call {
  return async (path, query, body) => {
    if (!/^(?:\/[\w-]+)+$/.test(path)) throw new TypeError('a path at WeChat has no query and no dots')
    let answer: TransportReply
    try {
      answer = await transport(path, query, body)
    } catch (thrown) {
      throw failure(path, thrown)
    }
    return readReply(path, answer)
  }
}

function failure(path: string, thrown: unknown): WeChatError {
  // What a foreign transport throws may hold the URL. It is not kept, not even as a cause.
  const cause = thrown instanceof TransportError ? thrown : new TransportError('transport_failed', { sent: true })
  if (!cause.sent) return new WeChatError('unreachable', { path, cause, detail: `never sent (${cause.reason})` })
  if (cause.answered)
    return new WeChatError('unexpected', { path, cause, detail: `unreadable answer (${cause.reason})` })
  return new WeChatError('outcome_unknown', { path, cause, detail: `sent, but no complete answer (${cause.reason})` })
}

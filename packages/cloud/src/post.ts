import http from 'http'
import https from 'https'

export interface Reply {
  status: number
  retryAfter: string | undefined
  text: string
}

/** No reply came. */
export class NoReply extends Error {
  override readonly name = 'NoReply'
  /** What Node calls it (`ECONNREFUSED`, `CERT_HAS_EXPIRED`), or `timeout`. */
  readonly reason: string
  /** A kept connection had died before this request was on it: another one may work at once. */
  readonly stale: boolean
  constructor(reason: string, stale = false) {
    super(`no reply: ${reason}`)
    this.reason = reason
    this.stale = stale
  }
}

export type Post = (body: string, timeoutMs: number) => Promise<Reply>

const maxReplyBytes = 64 * 1024

/**
 * Posts JSON to one address over kept connections. Redirects are not followed: what we send speaks for a person.
 *
 * @returns a function that rejects with `NoReply`, after `timeoutMs` at the latest.
 */
export function createPost(address: URL): Post {
  const { request, Agent } = address.protocol === 'https:' ? https : http
  // Said here so that NODE_TLS_REJECT_UNAUTHORIZED=0, set for something else, does not reach this connection.
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: true })
  return (body, timeoutMs) =>
    new Promise((resolve, reject) => {
      const fail = (reason: string, stale = false) => {
        clearTimeout(timer)
        reject(new NoReply(reason, stale))
        call.destroy()
      }
      const timer = setTimeout(() => fail('timeout'), timeoutMs)
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      const call = request(address, { method: 'POST', agent, headers }, (reply) => {
        const chunks: Buffer[] = []
        let size = 0
        const settle = (text: string) => {
          clearTimeout(timer)
          resolve({ status: reply.statusCode ?? 0, retryAfter: reply.headers['retry-after'], text })
          if (size > maxReplyBytes) call.destroy()
        }
        reply.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size <= maxReplyBytes) chunks.push(chunk)
          else settle('') // whoever talks this much is not Hufu, and the reader will say so
        })
        // Node 12 says `aborted` where later ones say `error`.
        reply.on('aborted', () => fail('reply cut short'))
        reply.on('error', (error) => fail(reasonOf(error)))
        reply.on('end', () => settle(Buffer.concat(chunks).toString('utf8')))
      })
      call.on('error', (error) => fail(reasonOf(error), call.reusedSocket && isReset(error)))
      call.end(body)
    })
}

const reasonOf = (error: NodeJS.ErrnoException) => error.code ?? error.name
/** A frozen instance does not notice that the server has closed its idle connection; the first use then fails like this. */
const isReset = (error: NodeJS.ErrnoException) => error.code === 'ECONNRESET' || error.code === 'EPIPE'

import { request as overHttp } from 'node:http'
import { request as overHttps } from 'node:https'

/** A request as it leaves the phone. Header names are in lower case. */
export interface WireRequest {
  /** Absolute. */
  url: string
  /** In capitals. */
  method: string
  /** By name in lower case. */
  headers: Record<string, string>
  /** Text as sent, or nothing. */
  body?: string | Uint8Array
}

/** What comes back. */
export interface WireReply {
  /** The HTTP status. */
  status: number
  /** By name, spelled as the server does. */
  headers?: Record<string, string>
  /** Text, bytes, or any other value, which travels as JSON. */
  body?: unknown
}

/** The other end of the network, in memory. A throw or rejection is a broken connection. */
export type Responder = (request: WireRequest) => WireReply | Promise<WireReply>

/** Carries requests over real sockets. Header names come back as the server spelled them. */
export const overNetwork: Responder = ({ url, method, headers, body }) =>
  new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? overHttps : overHttp
    const sent = send(url, { method, headers: { ...headers, connection: 'close' } }, (reply) => {
      const chunks: Buffer[] = []
      reply.on('data', (chunk: Buffer) => chunks.push(chunk))
      reply.on('error', reject)
      reply.on('end', () => {
        const spelled: Record<string, string> = {}
        for (let at = 0; at + 1 < reply.rawHeaders.length; at += 2) {
          const name = reply.rawHeaders[at] ?? ''
          const value = reply.rawHeaders[at + 1] ?? ''
          spelled[name] = name in spelled ? `${spelled[name]}, ${value}` : value
        }
        resolve({ status: reply.statusCode ?? 0, headers: spelled, body: Buffer.concat(chunks) })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })

/** The body of a reply as bytes. */
export function bytesOf(body: unknown): Buffer {
  if (body === undefined) return Buffer.alloc(0)
  if (body instanceof Uint8Array) return Buffer.from(body)
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

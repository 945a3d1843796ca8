import { TransportError } from './errors.ts'
import { maxReplyLength } from './reply.ts'
import type { Transport } from './transport.ts'

/** Where WeChat is, and how long it may take. */
export interface FetchTransportOptions {
  /** Scheme, host and port. Whoever answers there decides who everybody is: anything but WeChat is for tests. */
  baseUrl?: string
  /** For one whole exchange, in milliseconds. */
  deadline?: number
}

/** A transport on the global `fetch`: for any runtime that has one. */
export function fetchTransport({
  baseUrl = 'https://api.weixin.qq.com',
  deadline = 5_000,
}: FetchTransportOptions = {}): Transport {
  const origin = readOrigin(baseUrl)
  return async (path, query, body) => {
    const url = `${origin}${path}?${new URLSearchParams(query)}`
    const watch = new AbortController()
    const timer = setTimeout(() => watch.abort(), deadline)
    let response: Response | undefined
    try {
      response = await fetch(url, {
        redirect: 'manual', // whoever is redirected to would learn the AppSecret, or decide who somebody is
        signal: watch.signal,
        headers: {
          'accept-encoding': 'identity',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { method: 'POST', body }),
      })
      return { status: response.status, text: await readText(response) }
    } catch (thrown) {
      if (thrown instanceof TransportError) throw thrown
      if (watch.signal.aborted) throw new TransportError('deadline', { sent: true })
      const { code } = networkError(thrown)
      throw new TransportError(code, {
        sent: !certainlyUnsent(thrown),
        // Bytes that are not HTTP, or a body that its own label does not describe.
        answered: response ? response.headers.has('content-encoding') : /^HTTPParser|OVERFLOW/.test(code),
      })
    } finally {
      clearTimeout(timer)
    }
  }
}

/** @throws {TypeError} unless it is `http(s)://host[:port]` and nothing more. */
export function readOrigin(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  const plain = url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`
  if (!plain) throw new TypeError('a base URL is http(s)://host[:port] and nothing more')
  return url.origin
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let text = ''
  let size = 0
  if (response.body === null) return text
  // A throw out of the loop cancels the stream, so that a body without an end is not read to its end.
  for await (const chunk of response.body) {
    size += chunk.byteLength
    if (size > maxReplyLength) throw new TransportError('answer_too_large', { sent: true, answered: true })
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** True for what fails before the first byte of a request leaves. Where a runtime does not tell, it may have left. */
function certainlyUnsent(thrown: unknown): boolean {
  const { code, syscall } = networkError(thrown)
  if (syscall === 'connect' || syscall === 'getaddrinfo') return true
  return /^(?:ECONNREFUSED|UND_ERR_CONNECT_TIMEOUT|CERT_\w+|ERR_TLS_CERT_\w+|\w*SELF_SIGNED_CERT\w*|UNABLE_TO_\w+)$/.test(
    code,
  )
}

/** What the runtime says about a failed exchange. Messages are left alone: they may quote the URL. */
function networkError(thrown: unknown): { code: string; syscall: unknown } {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown
  const { code, syscall } = (cause instanceof Error ? cause : {}) as { code?: unknown; syscall?: unknown }
  return { code: typeof code === 'string' ? code : cause instanceof Error ? cause.name : 'unknown', syscall }
}

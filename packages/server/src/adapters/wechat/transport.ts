import { debuglog } from 'node:util'
import { readOrigin, type Transport } from '@hufu/wechat'
import buildConnector from 'undici/lib/core/connect.js'
import { type Deadlines, Line } from './line.ts'
import { Lines, type LinesOptions } from './lines.ts'

export interface WeChatTransportOptions {
  /** Scheme, host and port. Whoever answers there decides who everybody is: the caller settles what is allowed (T31). */
  baseUrl?: string
  deadlines?: Partial<Deadlines>
  lines?: Partial<LinesOptions>
}

/**
 * The server's way to WeChat: connections that are kept and looked after, no proxy, no redirect, no compression.
 *
 * Rejects with `sent: false` only while no request was begun on a standing connection.
 *
 * @throws {Error} where `NODE_DEBUG` would print the AppSecret.
 */
export function wechatTransport({
  baseUrl = 'https://api.weixin.qq.com',
  deadlines,
  lines: options,
}: WeChatTransportOptions = {}): Transport & { close(): Promise<void> } {
  if (debuglog('undici').enabled || debuglog('fetch').enabled)
    throw new Error(
      'NODE_DEBUG prints every URL, and those of WeChat hold the AppSecret: leave undici and fetch out of it',
    )
  const origin = readOrigin(baseUrl)
  const times: Deadlines = { connect: 1_000, answer: 3_000, whole: 5_000, ...deadlines }
  // Said aloud, because an environment variable of Node would otherwise switch the check off. One for all lines: they
  // share TLS sessions.
  const connect = buildConnector({ rejectUnauthorized: true, allowH2: false, timeout: times.connect })
  const lines = new Lines(() => new Line(origin, connect, times), { max: 256, rest: 100, shortRest: 5, ...options })

  const transport: Transport = async (path, query, body) => {
    const began = performance.now()
    const target = `${path}?${new URLSearchParams(query)}`
    // Who gets a line later than this could only spend a code in vain.
    const line = lines.take() ?? (await lines.wait(times.whole - times.connect))
    try {
      return await line.exchange({ path: target, body, began })
    } finally {
      lines.give(line)
    }
  }
  return Object.assign(transport, { close: () => lines.close() })
}

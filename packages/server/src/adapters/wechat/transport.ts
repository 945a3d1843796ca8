import { debuglog } from 'node:util'
import { readOrigin, type Transport } from '@hufu/wechat'
import buildConnector from 'undici/lib/core/connect.js'
import { Connection } from './connection.ts'
import { ConnectionPool, type ConnectionPoolOptions } from './connection-pool.ts'
import type { OutboundProxy } from './outbound-proxy.ts'
import type { Deadlines } from './round-trip.ts'
import { tunnel } from './tunnel.ts'

export interface WeChatTransportOptions {
  /** Scheme, host and port. Whoever answers there decides who everybody is: the caller settles what is allowed (T31). */
  baseUrl?: string
  /** Goes out through this; directly where left out. */
  proxy?: OutboundProxy | undefined
  /** 1 s to connect (2 s through a proxy), 3 s for the answer, 5 s in all, where left out. */
  deadlines?: Partial<Deadlines>
  /** At most 256, resting 100 ms, or 5 ms when all are in use, where left out. */
  connections?: Partial<ConnectionPoolOptions>
}

/**
 * The server's way to WeChat: connections that are kept and looked after, no redirect, no compression.
 *
 * Rejects with `sent: false` only while no request was begun on a standing connection.
 *
 * @throws {Error} where `NODE_DEBUG` would print the AppSecret.
 */
export function wechatTransport({
  baseUrl = 'https://api.weixin.qq.com',
  proxy,
  deadlines,
  connections,
}: WeChatTransportOptions = {}): Transport & { close(): Promise<void> } {
  if (debuglog('undici').enabled || debuglog('fetch').enabled)
    throw new Error(
      'NODE_DEBUG prints every URL, and those of WeChat hold the AppSecret: leave undici and fetch out of it',
    )
  const origin = readOrigin(baseUrl)
  const times: Deadlines = { connect: proxy ? 2_000 : 1_000, answer: 3_000, whole: 5_000, ...deadlines }
  // Said aloud, because an environment variable of Node would otherwise switch the check off. One for all connections: they
  // share TLS sessions.
  const direct = buildConnector({ rejectUnauthorized: true, allowH2: false, timeout: times.connect })
  const connect = proxy ? tunnel(proxy, direct, times.connect) : direct
  const open = () => new Connection(origin, connect, times)
  const pool = new ConnectionPool(open, { max: 256, rest: 100, shortRest: 5, ...connections })

  const transport: Transport = async (path, query, body) => {
    const began = performance.now()
    const target = `${path}?${new URLSearchParams(query)}`
    // Who gets a connection later than this could only spend a code in vain.
    const connection = pool.take() ?? (await pool.wait(times.whole - times.connect))
    try {
      return await connection.send({ path: target, body, began })
    } finally {
      pool.give(connection)
    }
  }
  return Object.assign(transport, { close: () => pool.close() })
}

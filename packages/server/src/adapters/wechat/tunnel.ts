import { connect as connectPlainly, isIP, type Socket } from 'node:net'
import { connect as connectOverTls } from 'node:tls'
import type { buildConnector } from 'undici'
import type { OutboundProxy } from './outbound-proxy.ts'

const MOST_BYTES = 16 * 1024

/**
 * Connects through a proxy: CONNECT (RFC 9110 §9.3.6), then `connect` goes on inside, so that the certificate checked is
 * WeChat's own and the proxy sees nothing but its name.
 *
 * @param patience milliseconds until the way must stand
 */
export function tunnel(
  proxy: OutboundProxy,
  connect: buildConnector.connector,
  patience: number,
): buildConnector.connector {
  return (options, callback) => {
    const port = options.port || (options.protocol === 'https:' ? '443' : '80')
    const name = options.hostname.includes(':') ? `[${options.hostname.replace(/^\[|\]$/g, '')}]` : options.hostname
    openWay(proxy, `${name}:${port}`, patience).then(
      (way) => {
        if (options.protocol !== 'https:') return callback(null, way)
        connect({ ...options, httpSocket: way }, (...[error, inside]: CallbackArgs) => {
          if (inside) inside.once('close', () => way.destroy())
          else way.destroy()
          callback(...([error, inside] as CallbackArgs))
        })
      },
      (error: Error) => callback(error, null),
    )
  }
}

type CallbackArgs = Parameters<buildConnector.Callback>

/** What a proxy's answer means: `open`, why it is not, or undefined while it has not said. */
function verdictOf(heard: string): string | undefined {
  const head = heard.indexOf('\r\n\r\n')
  if (head < 0) return heard.length > MOST_BYTES ? 'NOT_HTTP' : undefined
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(heard)?.[1]
  if (status === undefined) return 'NOT_HTTP'
  if (!status.startsWith('2')) return `REFUSED_${status}`
  return heard.length === head + 4 ? 'open' : 'SPOKE_FIRST' // WeChat waits for us: more bytes would not be its
}

function openWay(proxy: OutboundProxy, target: string, patience: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const { host, port, tls, authorization } = proxy
  const servername = isIP(host) === 0 ? { servername: host } : {}
  const socket = tls
    ? connectOverTls({ host, port, ...servername, rejectUnauthorized: true, ALPNProtocols: ['http/1.1'] })
    : connectPlainly({ host, port })
  let heard = ''
  const end = (code: string): void => {
    clearTimeout(timer)
    socket.destroy()
    reject(Object.assign(new Error('no way through the proxy'), { code: `PROXY_${code}` }))
  }
  const timer = setTimeout(end, patience, 'TIMEOUT')
  const fail = (error: NodeJS.ErrnoException): void => end(error.code ?? 'FAILED')
  const closed = (): void => end('CLOSED')
  const hear = (bytes: Buffer): void => {
    heard += bytes.toString('latin1')
    const verdict = verdictOf(heard)
    if (verdict !== undefined && verdict !== 'open') end(verdict)
    if (verdict !== 'open') return
    clearTimeout(timer)
    socket.off('data', hear).off('close', closed) // an error stays heard: it shows inside as well
    resolve(socket)
  }
  socket.setKeepAlive(true, 60_000)
  socket.setNoDelay(true)
  socket.once(tls ? 'secureConnect' : 'connect', () => {
    const credentials = authorization ? `Proxy-Authorization: ${authorization.reveal()}\r\n` : ''
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${credentials}\r\n`)
  })
  socket.on('data', hear).on('error', fail).on('close', closed)
  return promise
}

import { Secret } from '@hufu/wechat/secret'

/** A proxy that opens a way to WeChat by CONNECT; what goes through it is encrypted for WeChat. */
export interface OutboundProxy {
  host: string
  port: number
  /** Whether the proxy itself is spoken to over TLS. */
  tls: boolean
  /** The value of `Proxy-Authorization`, where its address names a user. */
  authorization: Secret<'ProxyAuthorization'> | undefined
}

/**
 * Reads `http(s)://[user:password@]host[:port]`; without a scheme it is http, as others read it.
 *
 * @throws {TypeError} which quotes nothing: the address may hold a password
 */
export function readProxy(address: string): OutboundProxy {
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(address) ? address : `http://${address}`)
  const plain = url && /^https?:$/.test(url.protocol) && /^\/?$/.test(url.pathname) && url.search + url.hash === ''
  if (!plain || url.hostname === '') {
    throw new TypeError('expected http(s)://[user:password@]host:port, user and password percent-encoded')
  }
  const tls = url.protocol === 'https:'
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port || (tls ? 443 : 80)),
    tls,
    authorization: authorizationOf(url),
  }
}

function authorizationOf({ username, password }: URL): OutboundProxy['authorization'] {
  if (username === '' && password === '') return undefined
  try {
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    return new Secret('ProxyAuthorization', `Basic ${Buffer.from(credentials).toString('base64')}`)
  } catch {
    throw new TypeError('user and password must be percent-encoded')
  }
}

/** For logs: without user and password. */
export const proxyName = ({ host, port, tls }: OutboundProxy): string =>
  `http${tls ? 's' : ''}://${host.includes(':') ? `[${host}]` : host}:${port}`

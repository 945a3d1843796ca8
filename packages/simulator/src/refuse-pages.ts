import type { IncomingMessage, RequestListener } from 'node:http'
import { isIP } from 'node:net'
import type { ListenOptions } from './listener.ts'

/**
 * Lets nobody's web page in. The simulator obeys whoever asks, and a browser asks for any page: by a name of the page's own
 * that points here (DNS rebinding), or by a form or a text that needs no permission.
 */
export function refusePages(handle: RequestListener, where: ListenOptions): RequestListener {
  const names = [where.host ?? 'localhost', ...(where.names ?? [])].map((name) => name.toLowerCase())
  return (request, response) => {
    const why = objectionTo(request, names)
    if (why === undefined) return handle(request, response)
    request.resume()
    response.writeHead(403, { 'Content-Type': 'application/json' })
    response.end(`${JSON.stringify({ error: 'forbidden', message: why })}\n`)
  }
}

function objectionTo({ headers, method }: IncomingMessage, names: readonly string[]): string | undefined {
  const { host = 'localhost', origin, 'sec-fetch-site': site, 'content-type': type = '' } = headers
  if (!isOurs(host, names)) {
    return 'The simulator is called localhost, by an address, or by a name it was told: listen({names}) or --name.'
  }
  const isPage = origin !== undefined || site === 'cross-site' || site === 'same-site'
  if (!isPage) return undefined
  if (URL.parse(origin ?? '')?.host !== host) return 'Only pages of the simulator itself may call it from a browser.'
  if (method === 'GET' || method === 'HEAD' || /^application\/json\s*(?:;|$)/i.test(type)) return undefined
  return 'A page sends application/json.'
}

/** A page cannot make an address, or a name of WeChat's, its own. */
function isOurs(host: string, names: readonly string[]): boolean {
  const name = (URL.parse(`http://${host}`)?.hostname ?? '').replace(/^\[(.*)\]$/, '$1')
  return isIP(name) !== 0 || /(?:^|\.)(?:localhost|weixin\.qq\.com)$/.test(name) || names.includes(name)
}

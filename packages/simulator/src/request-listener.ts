import type { IncomingMessage, RequestListener } from 'node:http'
import type { Control } from './control.ts'
import type { ApiRequest } from './reply.ts'
import type { WeChatWithFaults } from './wechat-with-faults.ts'

/** One port, two sides: `/_sim` is ours, everything else is WeChat's. */
export function createRequestListener(wechat: WeChatWithFaults, control: Control): RequestListener {
  return async (request, response) => {
    const { method = 'GET', url = '/' } = request
    // WeChat's GETs are answered at once; anything else may have a body to wait for.
    const body = method === 'GET' ? '' : await readBody(request)
    if (body === undefined) {
      response.writeHead(413, { Connection: 'close' }).end()
      return
    }
    const apiRequest = readTarget(method, url, body)
    if (apiRequest.path === '/_sim' || apiRequest.path.startsWith('/_sim/')) {
      const { status, body: answer } = control(apiRequest)
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(answer)}\n`)
      return
    }
    const { reply, send, settings } = wechat(apiRequest)
    send(response, reply, settings)
  }
}

/** A request as WeChat gets it, from its HTTP method, its path with the query, and its body. */
export function readTarget(method: string, target: string, body: string): ApiRequest {
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  return { method, path, query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)), body }
}

const bodyLimit = 1024 * 1024

/** Nothing when the body is longer than a megabyte, or its sender went away. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request) {
      size += chunk.length
      if (size > bodyLimit) return undefined
      chunks.push(chunk)
    }
  } catch {
    return undefined
  }
  return Buffer.concat(chunks).toString()
}

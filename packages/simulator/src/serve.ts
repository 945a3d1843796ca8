import type { IncomingMessage, RequestListener } from 'node:http'
import type { Control } from './control.ts'
import type { Asked } from './reply.ts'
import type { WeChat } from './wechat.ts'

/** One port, two sides: `/_sim` is ours, everything else is WeChat's. */
export function createHandler(wechat: WeChat, control: Control): RequestListener {
  return async (request, response) => {
    const { method = 'GET', url = '/' } = request
    // WeChat's GETs are answered at once; anything else may have a body to wait for.
    const body = method === 'GET' ? '' : await readBody(request)
    if (body === undefined) {
      response.writeHead(413, { Connection: 'close' }).end()
      return
    }
    const asked = askedOf(method, url, body)
    if (asked.path === '/_sim' || asked.path.startsWith('/_sim/')) {
      const { status, body: answer } = control(asked)
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(answer)}\n`)
      return
    }
    const { reply, send, settings } = wechat(asked)
    send(response, reply, settings)
  }
}

export function askedOf(method: string, target: string, body: string): Asked {
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

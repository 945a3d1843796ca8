import { createServer, type Socket } from 'node:net'
import { openidOf, readCode, sessionKeyOf, unionidOf } from './people.ts'

/**
 * A WeChat that answers `jscode2session` for every code and does nothing else: no codes are remembered, no headers read.
 * The simulator would say the same after far more work, and its work would hide the servers' own.
 */
export async function startUpstream(): Promise<{ url: string; close(): void }> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    let text = ''
    sockets.add(socket)
    socket.setEncoding('latin1')
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (chunk: string) => {
      text += chunk
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        socket.write(reply(text.slice(0, text.indexOf('\r\n'))), 'latin1')
        text = text.slice(end + 4)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const at = server.address()
  const port = typeof at === 'object' && at !== null ? at.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function reply(requestLine: string): string {
  const code = /[?&]js_code=([\w-]+)/.exec(requestLine)?.[1] ?? ''
  const appId = /[?&]appid=(\w+)/.exec(requestLine)?.[1]
  const { person, tellsUnionid } = readCode(code)
  const unionid = tellsUnionid ? `,"unionid":"${unionidOf(person)}"` : ''
  const body = `{"session_key":"${sessionKeyOf(person)}","openid":"${openidOf(person, appId)}"${unionid}}`
  return `HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

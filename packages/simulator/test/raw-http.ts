import { connect } from 'node:net'

export type Heard = {
  head: string
  body: Buffer
  /** How the other side left: it closed in order, broke the connection, or is still there. */
  end: 'closed' | 'ECONNRESET' | 'ECONNREFUSED' | string
  /** How many pieces the bytes came in. */
  pieces: number
}

/** Sends one GET over a bare socket and hears everything until the connection ends. */
export function hear(url: string, target: string): Promise<Heard> {
  const { hostname, port } = new URL(url)
  return new Promise((done) => {
    const pieces: Buffer[] = []
    let end = 'closed'
    const socket = connect({ host: hostname, port: Number(port) })
    socket.on('data', (piece) => pieces.push(piece))
    socket.on('error', (error) => {
      end = 'code' in error ? String(error.code) : error.message
    })
    socket.on('close', () => {
      const bytes = Buffer.concat(pieces)
      const cut = bytes.indexOf('\r\n\r\n')
      const head = cut < 0 ? bytes.toString() : bytes.subarray(0, cut).toString()
      done({ head, body: cut < 0 ? Buffer.alloc(0) : bytes.subarray(cut + 4), end, pieces: pieces.length })
    })
    socket.write(`GET ${target} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`)
  })
}

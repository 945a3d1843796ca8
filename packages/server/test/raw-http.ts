import { connect, type Socket } from 'node:net'

export interface RawReply {
  status: number
  headers: Record<string, string>
  body: string
}

/** A connection on which a test may say whatever it likes. */
export interface RawConnection {
  socket: Socket
  write(bytes: string | Buffer): void
  /** Everything that came, once the server closed the connection, or after so many milliseconds of silence. */
  untilClosed(patience?: number): Promise<{ text: string; closed: boolean }>
}

export function rawConnection(port: number): Promise<RawConnection> {
  return new Promise((resolve, reject) => {
    let text = ''
    let closed = false
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
    })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      socket.on('error', () => {}) // a reset shows as a close
      resolve({
        socket,
        write: (bytes) => void socket.write(bytes),
        untilClosed: (patience = 10_000) =>
          new Promise((done) => {
            const finish = () => {
              clearTimeout(timer)
              socket.destroy()
              done({ text, closed })
            }
            const timer = setTimeout(finish, patience)
            if (closed) finish()
            else socket.once('close', finish)
          }),
      })
    })
    socket.once('close', () => {
      closed = true
    })
  })
}

/** The answers in what came over a connection, in order. */
export function repliesIn(text: string): RawReply[] {
  const replies: RawReply[] = []
  for (let rest = text; rest.startsWith('HTTP/1.1 '); ) {
    const end = rest.indexOf('\r\n\r\n')
    if (end < 0) break
    const [first = '', ...lines] = rest.slice(0, end).split('\r\n')
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
      }),
    )
    const length = Number(headers['content-length'] ?? 0)
    replies.push({ status: Number(first.slice(9, 12)), headers, body: rest.slice(end + 4, end + 4 + length) })
    rest = rest.slice(end + 4 + length)
  }
  return replies
}

/** Sends bytes as they are and reads until the server closes. */
export async function rawExchange(port: number, bytes: string | Buffer, patience?: number) {
  const connection = await rawConnection(port)
  connection.write(bytes)
  const { text, closed } = await connection.untilClosed(patience)
  return { text, closed, replies: repliesIn(text) }
}

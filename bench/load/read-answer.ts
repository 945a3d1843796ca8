import type { Answer } from './exchange.ts'

const LAST_CHUNK = '\r\n0\r\n\r\n'

/** The answer that these bytes are, or nothing as long as some are missing. At most one is under way on a connection. */
export function readAnswer(received: Buffer): Answer | undefined {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = received.toString('latin1', 0, end)
  const status = Number(head.slice(9, 12))
  if (status === 204) return { status, body: '' }
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length !== undefined) {
    const whole = end + 4 + Number(length)
    return received.length < whole ? undefined : { status, body: received.toString('latin1', end + 4, whole) }
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) throw new Error(`an answer without a length: ${head}`)
  const chunks = received.toString('latin1', end + 2)
  return chunks.endsWith(LAST_CHUNK) ? { status, body: joinChunks(chunks) } : undefined
}

/** @param chunks with a line end before the first length */
function joinChunks(chunks: string): string {
  let body = ''
  for (let at = 2; ; ) {
    const line = chunks.indexOf('\r\n', at)
    const length = Number.parseInt(chunks.slice(at, line), 16)
    if (!(length > 0)) return body
    body += chunks.slice(line + 2, line + 2 + length)
    at = line + 2 + length + 2
  }
}

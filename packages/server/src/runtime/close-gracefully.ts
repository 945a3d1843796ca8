import type { Socket } from 'node:net'

const MOST_DISCARDED = 4 * 1024 * 1024

/** Reads on and forgets: bytes that lie unread when a socket closes make a reset, which overtakes the last answer. */
export function discardInput(socket: Socket): void {
  let discarded = 0
  socket.removeAllListeners('data') // the HTTP parser's among them
  socket.on('data', (bytes: Buffer) => {
    discarded += bytes.length
    if (discarded > MOST_DISCARDED) socket.destroy()
  })
  socket.resume()
}

/**
 * Ends a connection so that what was written arrives, and so that it ends: the client has `patience` ms to close its side,
 * and then the socket goes, whatever the client does (threat T36).
 */
export function closeGracefully(socket: Socket, patience: number): void {
  if (socket.writableEnded || socket.destroyed) return
  discardInput(socket)
  socket.end()
  const timer = setTimeout(() => socket.destroy(), patience)
  socket.once('close', () => clearTimeout(timer))
}

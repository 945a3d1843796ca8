import { connect, type Socket } from 'node:net'
import type { Answer, Exchange } from './exchange.ts'
import { readAnswer } from './read-answer.ts'

/** One kept connection: a request at a time, and as little work as can be, so that the servers are what is measured. */
export class Connection {
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #onAnswer: ((answer: Answer) => void) | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('error', (error) => this.#lost(error))
    socket.on('close', () => this.#lost(new Error('the server closed the connection')))
  }

  static open(url: URL): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(url.port), url.hostname)
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new Connection(socket))
      })
    })
  }

  send({ request, read }: Exchange, answered: () => void): void {
    this.#onAnswer = (answer) => {
      read(answer)
      answered()
    }
    this.#socket.write(request, 'latin1')
  }

  close(): void {
    this.#socket.removeAllListeners('close')
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    const answer = readAnswer(this.#received)
    if (!answer) return
    this.#received = Buffer.alloc(0)
    const onAnswer = this.#onAnswer
    this.#onAnswer = undefined
    onAnswer?.(answer)
  }

  #lost(error: Error): void {
    this.#socket.destroy()
    if (this.#onAnswer) throw new Error(`the load lost an answer: ${error.message}`)
  }
}

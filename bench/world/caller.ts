import { connect, type Socket } from 'node:net'

export interface Answer {
  status: number
  body: string
}
type OnAnswer = (answer: Answer) => void

/** One phone's kept connection: a request at a time, and as little work as can be, so that the servers are what is measured. */
export class Caller {
  readonly #socket: Socket
  readonly #head: string
  #received: Buffer = Buffer.alloc(0)
  #onAnswer: OnAnswer | undefined

  private constructor(socket: Socket, head: string) {
    this.#socket = socket
    this.#head = head
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.#read(chunk))
    socket.on('error', (error) => this.#lost(error))
    socket.on('close', () => this.#lost(new Error('the server closed the connection')))
  }

  static open(url: URL, path: string): Promise<Caller> {
    const head = `POST ${path} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: application/json\r\naccept: */*\r\nuser-agent: hufu-bench\r\ncontent-length: `
    return new Promise((resolve, reject) => {
      const socket = connect(Number(url.port), url.hostname)
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new Caller(socket, head))
      })
    })
  }

  get busy(): boolean {
    return this.#onAnswer !== undefined
  }

  /** @param body ASCII */
  post(body: string, onAnswer: OnAnswer): void {
    this.#onAnswer = onAnswer
    this.#socket.write(`${this.#head}${body.length}\r\n\r\n${body}`, 'latin1')
  }

  close(): void {
    this.#socket.removeAllListeners('close')
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    const end = this.#received.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = this.#received.toString('latin1', 0, end)
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? Number.NaN)
    if (Number.isNaN(length)) throw new Error(`an answer without a length: ${head}`)
    if (this.#received.length < end + 4 + length) return
    const body = this.#received.toString('latin1', end + 4, end + 4 + length)
    this.#received = Buffer.alloc(0)
    const onAnswer = this.#onAnswer
    this.#onAnswer = undefined
    onAnswer?.({ status: Number(head.slice(9, 12)), body })
  }

  #lost(error: Error): void {
    if (this.#onAnswer) throw new Error(`the load lost an answer: ${error.message}`)
    this.#socket.destroy()
  }
}

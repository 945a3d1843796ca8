import type { ServerResponse } from 'node:http'
import type { Reply } from './reply.ts'

/** What a fault may be told; each takes only the settings that its row names. */
export type FaultSettings = {
  /** Milliseconds: a delay, the pause between two bytes, or how long the port stays shut. Real time, not simulated. */
  ms?: number | undefined
  /** The HTTP status. */
  status?: number | undefined
  /** One of WeChat's numbers. */
  errcode?: number | undefined
  /** Words in place of WeChat's own for the errcode. */
  errmsg?: string | undefined
  /** The whole body. */
  body?: string | undefined
  /** The `Content-Type` header. */
  contentType?: string | undefined
  /** Where a redirect points. */
  location?: string | undefined
}

export type Send = (response: ServerResponse, reply: Reply, settings: FaultSettings) => void

/** Time for what was written to reach the other side before a reset overtakes it. Real time: the network knows no other. */
const settle = 20

const half = (body: Buffer) => body.subarray(0, Math.ceil(body.length / 2))
const bytesOf = ({ body }: Reply) => Buffer.from(body)
const dropLater = (response: ServerResponse) => {
  setTimeout(() => response.socket?.resetAndDestroy(), settle).unref()
}

const well = (response: ServerResponse, reply: Reply) => {
  writeHead(response, reply)
  response.end(reply.body)
}

/** The ways in which an answer leaves, or does not. */
export const deliver = {
  well,
  reset(response) {
    response.socket?.resetAndDestroy()
  },
  resetAfterHeaders(response, reply) {
    writeHead(response, reply)
    response.flushHeaders()
    dropLater(response)
  },
  resetMidBody(response, reply) {
    writeHead(response, reply)
    response.write(half(bytesOf(reply)))
    dropLater(response)
  },
  close(response) {
    response.socket?.destroy()
  },
  halfClose(response, reply) {
    writeHead(response, reply)
    const { socket } = response
    response.write(half(bytesOf(reply)), () => socket?.end())
  },
  never() {},
  trickle(response, reply, { ms = 1000 }) {
    const body = bytesOf(reply)
    let sent = 0
    writeHead(response, reply)
    response.flushHeaders()
    const timer = setInterval(() => {
      response.write(body.subarray(sent, ++sent))
      if (sent >= body.length) response.end()
    }, ms)
    response.once('close', () => clearInterval(timer))
  },
  later(response, reply, { ms = 1000 }) {
    const timer = setTimeout(() => well(response, reply), ms)
    response.once('close', () => clearTimeout(timer))
  },
  twice(response, reply) {
    const { socket } = response
    well(response, reply)
    socket?.write(wire(reply))
  },
} as const satisfies Record<string, Send>

function writeHead(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, headersOf(reply))
}

/** Names and values in one flat list, which is what Node writes fastest. */
function headersOf({ contentType, headers, body }: Reply): string[] {
  const list = ['Content-Length', String(Buffer.byteLength(body))]
  if (contentType !== undefined) list.unshift('Content-Type', contentType)
  if (headers !== undefined) list.push(...Object.entries(headers).flat())
  return list
}

/** An answer as bytes, for the one that nobody asked for. */
function wire(reply: Reply): Buffer {
  const headers = headersOf(reply)
  let head = `HTTP/1.1 ${reply.status} OK\r\n`
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
  return Buffer.concat([Buffer.from(`${head}\r\n`), bytesOf(reply)])
}

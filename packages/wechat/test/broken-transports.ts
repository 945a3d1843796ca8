import type { Socket } from 'node:net'
import type { WeChatErrorCode } from '@hufu/wechat'
import { goodBody } from './bad-answers.ts'
import { answer, type Behaviour } from './raw-server.ts'

export interface Fault {
  readonly name: string
  readonly code: WeChatErrorCode
  readonly behaviour: Behaviour
  /** The fault is silence: it ends by a deadline. */
  readonly silent?: boolean
}

const half = Buffer.from(goodBody.slice(0, 40))
const head = `HTTP/1.1 200 OK\r\nContent-Length: ${goodBody.length}\r\n\r\n`

const write =
  (bytes: string | Buffer): Behaviour =>
  (socket) =>
    void socket.write(bytes)
const reset =
  (bytes: string | Buffer = ''): Behaviour =>
  (socket) => {
    if (bytes.length === 0) socket.resetAndDestroy()
    else socket.write(bytes, () => setImmediate(() => socket.resetAndDestroy()))
  }
const end =
  (bytes: string | Buffer = ''): Behaviour =>
  (socket) =>
    void socket.end(bytes)

function drip(socket: Socket): void {
  const bytes = answer(goodBody)
  let at = 0
  const timer = setInterval(() => {
    socket.write(bytes.subarray(at, ++at))
  }, 10)
  socket.on('close', () => clearInterval(timer))
}

function flood(socket: Socket): void {
  const chunk = Buffer.alloc(64 * 1024, 'x')
  const more = () => {
    while (!socket.destroyed && socket.write(`10000\r\n${chunk}\r\n`));
  }
  socket.on('drain', more)
  socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
  more()
}

/** The request arrived whole; from then on something breaks. None of it may become an identity (T05, T10, T28). */
export const faults: readonly Fault[] = [
  { name: 'a reset instead of an answer', code: 'outcome_unknown', behaviour: reset() },
  { name: 'a reset within the headers', code: 'outcome_unknown', behaviour: reset('HTTP/1.1 200 OK\r\nContent-Le') },
  {
    name: 'a reset within the body',
    code: 'outcome_unknown',
    behaviour: reset(Buffer.concat([Buffer.from(head), half])),
  },
  { name: 'an end instead of an answer', code: 'outcome_unknown', behaviour: end() },
  { name: 'an end within the headers', code: 'outcome_unknown', behaviour: end('HTTP/1.1 200 OK\r\n') },
  { name: 'an end within the body', code: 'outcome_unknown', behaviour: end(head + goodBody.slice(0, -1)) },
  {
    name: 'an end within the chunks',
    code: 'outcome_unknown',
    behaviour: end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"err'),
  },
  {
    name: 'half a success and an end, without a length',
    code: 'unexpected',
    behaviour: end(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${half}`),
  },
  { name: 'silence', code: 'outcome_unknown', behaviour: () => {}, silent: true },
  { name: 'silence after the headers', code: 'outcome_unknown', behaviour: write(head), silent: true },
  {
    name: 'silence within the body',
    code: 'outcome_unknown',
    behaviour: write(head + goodBody.slice(0, -1)),
    silent: true,
  },
  { name: 'one byte at a time', code: 'outcome_unknown', behaviour: drip, silent: true },
  {
    name: 'a hint and then silence',
    code: 'outcome_unknown',
    behaviour: write('HTTP/1.1 103 Early Hints\r\n\r\n'),
    silent: true,
  },
  { name: 'bytes without end', code: 'unexpected', behaviour: flood },
  {
    name: 'a length of 10 MiB',
    code: 'unexpected',
    behaviour: write('HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n'.concat('x'.repeat(70_000))),
  },
  { name: 'bytes that are not HTTP', code: 'unexpected', behaviour: write('SSH-2.0-OpenSSH_9.6\r\n') },
  { name: 'a body without headers', code: 'unexpected', behaviour: write(goodBody) },
  {
    name: 'two lengths',
    code: 'outcome_unknown',
    behaviour: write(`HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n${goodBody}`),
  },
  {
    name: 'a length and chunks',
    code: 'outcome_unknown',
    behaviour: write(`HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n${goodBody}`),
  },
  { name: 'headers without end', code: 'unexpected', behaviour: write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`) },
  { name: 'HTTP/2', code: 'unexpected', behaviour: write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])) },
]

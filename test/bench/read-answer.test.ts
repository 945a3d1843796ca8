import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAnswer } from '../../bench/load/read-answer.ts'

const read = (text: string) => readAnswer(Buffer.from(text, 'latin1'))

/** All that is there after every byte but the last is nothing yet. */
function assertOnlyWhole(text: string): void {
  for (let length = 0; length < text.length; length++) assert.equal(read(text.slice(0, length)), undefined)
}

test('an answer with a length is whole when so many bytes are there', () => {
  const text = 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 5\r\n\r\nhello'
  assertOnlyWhole(text)
  assert.deepEqual(read(text), { status: 401, body: 'hello' })
})

test('an answer in chunks is whole after the empty one, and is joined', () => {
  const text = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0a\r\n, somebody\r\n0\r\n\r\n'
  assertOnlyWhole(text)
  assert.deepEqual(read(text), { status: 200, body: 'hello, somebody' })
})

test('an answer without a body, in chunks or by its status', () => {
  const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'
  assertOnlyWhole(chunked)
  assert.deepEqual(read(chunked), { status: 200, body: '' })
  assert.deepEqual(read('HTTP/1.1 204 No Content\r\n\r\n'), { status: 204, body: '' })
})

test('an answer that nobody can tell the end of is refused', () => {
  assert.throws(() => read('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello'), /without a length/)
})

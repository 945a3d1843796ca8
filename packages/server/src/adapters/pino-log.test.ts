import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { pinoLog } from './pino-log.ts'

function newLog(level: 'debug' | 'warn') {
  const lines: string[] = []
  const memory = new Writable({
    write(line, _encoding, done) {
      lines.push(String(line))
      done()
    },
  })
  return { log: pinoLog(level, memory), lines }
}

test('T33 whatever a field holds, one event is one line of JSON', () => {
  const { log, lines } = newLog('debug')
  const hostile = ['a\nb', '{"level":50}', '"}\n{"msg":"forged"}', '\u2028', '\0', '\u001b[31m', '\ud800', '__proto__']
  for (const value of hostile) {
    log.info(value, { field: value, msg: value })
    log.error(value, new TypeError(value), { field: value })
  }
  assert.equal(lines.length, hostile.length * 2)
  for (const line of lines) {
    assert.equal(line.indexOf('\n'), line.length - 1)
    const parsed = JSON.parse(line)
    assert.ok(hostile.map((one) => one.toWellFormed()).includes(parsed.field.toWellFormed()))
  }
})

test('T05 of an error go name, code and message, with those of its causes, and no field', () => {
  const { log, lines } = newLog('debug')
  const cause = Object.assign(new TypeError('inner'), { code: 'EINNER', secret: 'tiger' })
  log.error('failed', Object.assign(new Error('outer', { cause }), { url: 'https://x/?secret=tiger' }), { app: 'wx1' })
  const { time, ...line } = JSON.parse(lines[0] ?? '')
  assert.deepEqual(line, { level: 50, app: 'wx1', error: 'Error: outer ← TypeError (EINNER): inner', msg: 'failed' })
  assert.ok(!Number.isNaN(Date.parse(time)))
})

test('what is below the level is not written', () => {
  const { log, lines } = newLog('warn')
  log.debug('a')
  log.info('b')
  log.warn('c')
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).msg),
    ['c'],
  )
})

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { demoWorld } from '../src/index.ts'
import { codeToSession } from './fixture.ts'

const bin = fileURLToPath(new URL('../bin/hufu-simulator.js', import.meta.url))

function start(t: TestContext, ...args: string[]) {
  const child = spawn(process.execPath, [bin, ...args])
  t.after(() => child.kill('SIGKILL'))
  const said = { out: '', err: '' }
  child.stdout.on('data', (piece) => {
    said.out += piece
  })
  child.stderr.on('data', (piece) => {
    said.err += piece
  })
  return { child, said }
}

async function address(child: ChildProcess, said: { out: string }): Promise<string> {
  for (;;) {
    const url = /http:\/\/[\d.]+:\d+/.exec(said.out)?.[0]
    if (url !== undefined && said.out.includes('jscode2session')) return url
    if (child.stdout) await once(child.stdout, 'data')
  }
}

test('hufu-simulator --demo serves the demo apps, takes development codes, and ends on SIGTERM', async (t) => {
  const { child, said } = start(t, '--port', '0', '--demo', '--dev-codes', '--seed', 'x')
  const url = await address(child, said)
  const [shop] = demoWorld.apps
  for (const code of ['hufu-dev:lan', 'the code is a mock one']) {
    assert.match(await (await fetch(url + codeToSession(code, shop))).text(), /"unionid"/)
  }
  const login = await fetch(`${url}/_sim/login`, {
    method: 'POST',
    body: JSON.stringify({ appId: shop.appId, person: 'xiaohong' }),
  })
  assert.match(await login.text(), /"code":"0/)
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'exit'), [0, null])
  assert.equal(said.err, '')
})

test('without --dev-codes and --demo it starts empty and strict', async (t) => {
  const { child, said } = start(t, '--port=0')
  const url = await address(child, said)
  assert.match(await (await fetch(url + codeToSession('hufu-dev:lan'))).text(), /40013/)
  assert.match(said.out, /_sim\/apps/)
})

test('--help explains the command in English and Chinese', async (t) => {
  const { child, said } = start(t, '--help')
  assert.deepEqual(await once(child, 'close'), [0, null])
  assert.match(said.out, /Usage: hufu-simulator/)
  assert.match(said.out, /微信/)
})

for (const args of [['--port', 'x'], ['--port', '65536'], ['--port'], ['--secret', 's'], ['extra']]) {
  test(`given wrong arguments, then the command exits with 2 and a hint: ${args.join(' ')}`, async (t) => {
    const { child, said } = start(t, ...args)
    assert.deepEqual(await once(child, 'close'), [2, null])
    assert.match(said.err, /Try hufu-simulator --help/)
    assert.equal(said.out, '')
  })
}

test('given a port that is taken, then the command exits with 1 and says so', async (t) => {
  const { child, said } = start(t, '--port', '0')
  const { port } = new URL(await address(child, said))
  const second = start(t, '--port', port)
  assert.deepEqual(await once(second.child, 'close'), [1, null])
  assert.match(second.said.err, /Cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/)
})

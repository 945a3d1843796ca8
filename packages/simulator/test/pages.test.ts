import assert from 'node:assert/strict'
import { type OutgoingHttpHeaders, request } from 'node:http'
import { test } from 'node:test'
import { newSimulator } from './fixture.ts'

type Ask = { method?: string; path?: string; headers: OutgoingHttpHeaders; body?: string }

/** One request with exactly these headers; a status and what was said. */
function ask(port: number, { method = 'POST', path = '/_sim/people', headers, body = '{"name":"eve"}' }: Ask) {
  return new Promise<{ status: number | undefined; text: string; headers: OutgoingHttpHeaders }>((done, fail) => {
    const sent = request({ port, host: '127.0.0.1', method, path, headers }, (reply) => {
      let text = ''
      reply.on('data', (bytes) => {
        text += bytes
      })
      reply.on('end', () => done({ status: reply.statusCode, text, headers: reply.headers }))
    })
    sent.on('error', fail)
    sent.end(method === 'GET' ? undefined : body)
  })
}

test('C22 the simulator answers under localhost, addresses, WeChat’s names and its own, and under no other (DNS rebinding)', async (t) => {
  const simulator = newSimulator()
  const { port, close } = await simulator.listen({ names: ['wechat-box'] })
  t.after(close)
  const before = simulator.callCount()
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    'localhost.evil.example',
    'x',
    'wechat-box.evil',
    'a b',
  ]) {
    for (const path of ['/_sim/people', '/_sim/calls', '/cgi-bin/stable_token', '/sns/jscode2session?appid=x']) {
      for (const method of ['GET', 'POST']) {
        const { status, text } = await ask(port, { method, path, headers: { host } })
        assert.equal(status, 403, `${host} ${path}`)
        assert.equal(JSON.parse(text).error, 'forbidden')
      }
    }
  }
  assert.equal(simulator.callCount(), before)
  for (const host of [
    `127.0.0.1:${port}`,
    '[::1]:1',
    'localhost',
    'a.localhost:2',
    'WeChat-Box:3',
    'api.weixin.qq.com',
  ]) {
    assert.equal((await ask(port, { method: 'GET', path: '/_sim/people', headers: { host } })).status, 200, host)
  }
})

test('C22 a page of elsewhere cannot use the simulator, whatever it posts; tools without a page can', async (t) => {
  const simulator = newSimulator()
  const { port, close } = await simulator.listen()
  t.after(close)
  const host = `localhost:${port}`
  const known = async () => JSON.parse((await ask(port, { method: 'GET', headers: { host } })).text).items.length
  const before = await known()
  const types = [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json',
  ]
  for (const type of types) {
    for (const origin of [
      'https://evil.example',
      'null',
      `http://127.0.0.1:${port}`,
      'http://localhost:1',
      `http://${host}.evil`,
    ]) {
      const { status, headers } = await ask(port, { headers: { host, origin, 'content-type': type } })
      assert.equal(status, 403, `${origin} ${type}`)
      assert.ok(!Object.keys(headers).some((name) => name.startsWith('access-control')))
    }
    const site = { host, 'sec-fetch-site': 'cross-site', 'content-type': type }
    assert.equal((await ask(port, { headers: site })).status, 403)
  }
  for (const type of types.slice(0, 3)) {
    assert.equal(
      (await ask(port, { headers: { host, origin: `http://${host}`, 'content-type': type } })).status,
      403,
      type,
    )
  }
  assert.equal(await known(), before)
  const own = { host, origin: `http://${host}`, 'content-type': 'application/json; charset=utf-8' }
  assert.equal((await ask(port, { headers: own })).status, 200)
  const curl = { host, 'content-type': 'application/x-www-form-urlencoded' }
  assert.equal((await ask(port, { headers: curl, body: '{"name":"curl"}' })).status, 200)
})

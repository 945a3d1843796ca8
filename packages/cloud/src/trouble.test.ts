import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { after, afterEach, before, test } from 'node:test'
import { type CloudFunction, startFunction } from './testing/cloud-function.ts'
import { type Answer, answerProblem, type HufuFixture, loginReply, startHufuFixture } from './testing/hufu-fixture.ts'
import { apps, mei } from './testing/people.ts'

type Result = { openid?: string; problem?: { code: string; requestId: string; retryAfter?: number } }

let hufu: HufuFixture
let jwk: string
let login: CloudFunction

before(async () => {
  hufu = await startHufuFixture()
  jwk = (await hufu.addKey()).jwk
  login = await startFunction(new URL('testing/login-function.cjs', import.meta.url))
})
/** Mei calls a function with these options. */
const call = async (options: object = { timeoutMs: 300 }) =>
  (await login.invoke({ ...mei, OPTIONS: JSON.stringify({ server: hufu.url, key: jwk, ...options }) })) as Result

afterEach(() => hufu.answerWith(undefined))
after(async () => {
  await login.stop()
  await hufu.stop()
})

const say =
  (status: number, text: string, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(text)
const page = '<html><body>oops</body></html>'

for (const [name, answer, code, retryAfter] of [
  ['Hufu refuses the assertion', answerProblem(401, 'assertion_invalid'), 'assertion_invalid', undefined],
  ['Hufu knows the person as blocked', answerProblem(403, 'user_blocked'), 'user_blocked', undefined],
  ['A9 WeChat refuses the person for risk', answerProblem(403, 'risk_refused'), 'risk_refused', undefined],
  ['Hufu limits the key', answerProblem(429, 'rate_limited', 7), 'rate_limited', 7],
  ['Hufu is busy', answerProblem(503, 'upstream_busy', 1), 'upstream_busy', 1],
  ['Hufu fails', answerProblem(500, 'internal'), 'internal', undefined],
  ['Hufu uses a code that this version does not know', answerProblem(418, 'teapot', 9), 'teapot', 9],
  ['a proxy limits', say(429, page, { 'retry-after': '30' }), 'rate_limited', 30],
  ['a proxy has no server behind it', say(502, page), 'upstream_unavailable', undefined],
  ['a proxy is in maintenance', say(503, page, { 'retry-after': '120' }), 'upstream_unavailable', 120],
  ['a proxy waited in vain', say(504, page), 'upstream_unavailable', undefined],
  ['a firewall refuses', say(403, page), 'upstream_error', undefined],
  ['another site answers', say(200, page), 'upstream_error', undefined],
  ['another API answers', say(200, '{"ok":true}'), 'upstream_error', undefined],
  ['the answer is not JSON', say(200, '{"accessToken":'), 'upstream_error', undefined],
  ['the answer is null', say(200, 'null'), 'upstream_error', undefined],
  ['the answer is empty', say(204, ''), 'upstream_error', undefined],
  ['the answer never ends', (_, response) => response.end('x'.repeat(200_000)), 'upstream_error', undefined],
  ['the answer breaks off', (_, response) => breakOff(response), 'upstream_unavailable', undefined],
  ['nothing is answered', () => {}, 'upstream_unavailable', undefined],
  ['the connection is cut', (request) => request.socket.destroy(), 'upstream_unavailable', undefined],
] as [string, Answer, string, number | undefined][]) {
  test(`when ${name}, the mini program reads ${code}`, { timeout: 120_000 }, async () => {
    hufu.answerWith(answer)
    const { problem } = await call()
    assert.equal(problem?.code, code)
    assert.equal(problem?.retryAfter, retryAfter)
    assert.ok(problem?.requestId)
    hufu.answerWith(undefined)
    assert.equal((await call()).openid, mei.WX_OPENID, 'the next login is not the worse for it')
  })
}

function breakOff(response: Parameters<Answer>[1]) {
  response.writeHead(200, { 'content-length': '1000' })
  response.write('{', () => response.destroy())
}

test('when no server listens, the mini program reads upstream_unavailable', async () => {
  const gone = await startHufuFixture()
  await gone.stop()
  assert.equal((await call({ server: gone.url })).problem?.code, 'upstream_unavailable')
})

test('a redirect is not followed, so the assertion reaches no other server', async (t) => {
  const elsewhere = await startHufuFixture()
  t.after(() => elsewhere.stop())
  let asked = 0
  elsewhere.answerWith((_request, response) => {
    asked++
    response.end()
  })
  for (const status of [301, 307, 308]) {
    hufu.answerWith(say(status, '', { location: `${elsewhere.url}/v1/login/cloud` }))
    assert.equal((await call()).problem?.code, 'upstream_error')
  }
  assert.equal(asked, 0)
})

test('logins of one function instance share a connection', async () => {
  const had = hufu.connections()
  for (let i = 0; i < 5; i++) await call({ timeoutMs: 2000 })
  assert.equal(hufu.connections() - had, 1)
})

test('given a kept connection that died unnoticed, then the login works and no assertion is sent twice', async (t) => {
  const assertions: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    assertions.push(body)
    // The second request on a connection finds it dead: what a thawed instance sees.
    if (sockets.has(request.socket)) request.socket.resetAndDestroy()
    else response.end(JSON.stringify(loginReply({ iss: apps.shop, sub: mei.WX_OPENID })))
    sockets.add(request.socket)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const options = { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
  assert.equal((await call(options)).openid, mei.WX_OPENID)
  assert.equal((await call(options)).openid, mei.WX_OPENID)
  assert.equal(assertions.length, 3)
  assert.equal(new Set(assertions).size, 3)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCall, errcodes, type Transport, TransportError, WeChatError } from '@hufu/wechat'
import { assertNoSecretIn, canary } from './canaries.ts'

const rid = '66c69111-4157f271-729ca238'
const answering =
  (text: string, status = 200): Transport =>
  async () => ({ status, text })

async function failure(transport: Transport): Promise<WeChatError> {
  const query = { secret: canary.secret, js_code: canary.code }
  const thrown = await createCall(transport)('/sns/jscode2session', query).catch((error: unknown) => error)
  assert.ok(thrown instanceof WeChatError, String(thrown))
  assertNoSecretIn(thrown)
  return thrown
}

test('the errcodes of the login path have the class that says what to do', () => {
  const classes = {
    code_invalid: [40029, 42003],
    code_used: [40163],
    busy: [-1],
    rate_limited: [45011],
    quota_exhausted: [45009],
    risk_refused: [40226],
    app_misconfigured: [40013, 40125, 40243, 41002, 41004],
    ip_refused: [40164],
    token_invalid: [40001, 40014, 41001, 42001],
  }
  for (const [code, numbers] of Object.entries(classes))
    for (const errcode of numbers) assert.equal(errcodes.get(errcode)?.code, code, String(errcode))
})

test('every errcode of the catalogue says in two languages what it means and what to do', () => {
  assert.ok(errcodes.size >= 55)
  for (const [errcode, entry] of errcodes) {
    assert.equal(entry.errcode, errcode)
    for (const { en, zh } of [entry.meaning, entry.advice]) {
      assert.match(en, /^[\x20-\x7e]{8,}$/, `${errcode} ${en}`)
      assert.match(zh, /\p{Script=Han}{2}/u, `${errcode} ${zh}`)
    }
  }
})

test('T05 every errcode, as number and as text, with every suffix and an errmsg that quotes secrets, is its class', async () => {
  const suffixes = [
    '',
    `, rid: ${rid}`,
    ` rid: ${rid}`,
    ' hint: [eVZP306494870]',
    ', hints: [ req_id: qEjdmsNre-EYNDhA ]',
  ]
  for (const { errcode, code } of errcodes.values())
    for (const suffix of suffixes)
      for (const shown of [errcode, String(errcode)]) {
        const errmsg = `refused ${canary.secret} ${canary.code}${suffix}`
        const error = await failure(answering(JSON.stringify({ errcode: shown, errmsg })))
        assert.equal(error.code, code)
        assert.equal(error.errcode, errcode)
        assert.equal(error.rid, suffix.includes('rid: ') ? rid : undefined)
        assert.equal(error.path, '/sns/jscode2session')
      }
})

test('an IP address that WeChat refuses is named for the operator', async () => {
  const errmsg = `invalid ip 8.149.0.108 ipv6 ::ffff:8.149.0.108, not in whitelist rid: ${rid}`
  const error = await failure(answering(JSON.stringify({ errcode: 40164, errmsg })))
  assert.equal(error.code, 'ip_refused')
  assert.equal(error.seenAddress, '8.149.0.108')
})

test('an errcode without an errmsg, or with one of a wrong type, is understood', async () => {
  for (const errmsg of ['', ',"errmsg":null', ',"errmsg":{"rid":1}', ',"errmsg":["x"]'])
    assert.equal((await failure(answering(`{"errcode":40029${errmsg}}`))).code, 'code_invalid')
})

test('the class of a transport failure says whether the request was sent', async () => {
  const rejecting =
    (error: unknown): Transport =>
    () =>
      Promise.reject(error)
  const unsent = await failure(rejecting(new TransportError('ECONNREFUSED', { sent: false })))
  assert.equal(unsent.code, 'unreachable')
  assert.equal((unsent.cause as TransportError).reason, 'ECONNREFUSED')
  assert.equal((await failure(rejecting(new TransportError('reset', { sent: true })))).code, 'outcome_unknown')
  const unreadable = new TransportError('answer_too_large', { sent: true, answered: true })
  assert.equal((await failure(rejecting(unreadable))).code, 'unexpected')
})

test('T05 an error thrown by a transport is not kept, as it may hold the URL with the secret', async () => {
  const url = `https://api.weixin.qq.com/sns/jscode2session?secret=${canary.secret}&js_code=${canary.code}`
  const throwing: Transport[] = [
    () => Promise.reject(new Error(`cannot fetch ${url}`, { cause: new Error(url) })),
    () => Promise.reject(Object.assign(new TypeError('failed'), { config: { url }, code: url })),
    () => Promise.reject(url),
    () => Promise.reject({ url }),
    () => Promise.reject(new TransportError(url, { sent: true })),
    () => {
      throw new Error(url)
    },
  ]
  for (const transport of throwing) assert.equal((await failure(transport)).code, 'outcome_unknown')
})

test('T33 members of the prototype are not members of a reply', async () => {
  const reply = await createCall(answering('{"__proto__":{"openid":"o"},"a":1}'))('/x', {})
  const any = (raw: unknown) => raw
  for (const name of ['openid', 'toString', 'constructor', 'hasOwnProperty'])
    assert.throws(() => reply.read(name, any), { code: 'unexpected', message: `/x: ${name} is missing` })
  assert.equal(reply.readOptional('valueOf', any), undefined)
  assert.equal(Object.hasOwn(Object.prototype, 'openid'), false)
})

test('a path with a query is refused', async () => {
  for (const path of ['', 'x', '/x?secret=1', '/x#y', '/../x', '//elsewhere.example', '/x y', '/x/'])
    await assert.rejects(createCall(answering('{}'))(path, {}), TypeError)
})

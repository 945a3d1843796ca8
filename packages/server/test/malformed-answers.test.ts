import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shop } from './fixture/apps.ts'
import { outcomeOf } from './fixture/reply.ts'
import { newServer } from './fixture/server.ts'
import { MINUTE } from './fixture/time.ts'

const key = 'AAAAAAAAAAAAAAAAAAAAAA=='
const good = { session_key: key, openid: 'oGZUI0egBJY1zhBYw2KhdUfwVJJE', unionid: 'ocMvos6NjeKLIBqg5Mr9QjxrP1FA' }
const changed = (name: string, value: unknown): string => JSON.stringify({ ...good, [name]: value })

const WRONG_VALUES = [
  '',
  ' ',
  0,
  1,
  -1,
  1.5,
  true,
  false,
  null,
  [],
  {},
  [good.openid],
  { a: 1 },
  'a b',
  'a\nb',
  'ａ',
  '<x>',
]

/** Answers with HTTP 200 that are not quite an identity. */
const ANSWERS: string[] = [
  '',
  ' ',
  'ok',
  'null',
  'true',
  '0',
  '[]',
  '{}',
  '""',
  `[${JSON.stringify(good)}]`,
  JSON.stringify(good).slice(0, -1),
  `${JSON.stringify(good)}x`,
  JSON.stringify(JSON.stringify(good)),
  JSON.stringify({ data: good }),
  JSON.stringify({ session_key: key }),
  JSON.stringify({ openid: good.openid }),
  JSON.stringify({ openid: good.openid, sessionKey: key }),
  JSON.stringify({ OPENID: good.openid, SESSION_KEY: key }),
  '<html><body>openid session_key</body></html>',
  ...WRONG_VALUES.map((value) => changed('openid', value)),
  ...WRONG_VALUES.map((value) => changed('session_key', value)),
  ...WRONG_VALUES.filter((value) => value !== '').map((value) => changed('unionid', value)),
  changed('openid', 'o'.repeat(65)),
  changed('unionid', 'o'.repeat(129)),
  changed('session_key', key.slice(0, -1)),
  changed('session_key', `${key}=`),
  ...[1, -2, '1', 1.5, true, [0], {}, 'x', 7_777_777].map((errcode) => changed('errcode', errcode)),
  '{"__proto__":{"openid":"oGZUI0egBJY1zhBYw2KhdUfwVJJE","session_key":"AAAAAAAAAAAAAAAAAAAAAA=="}}',
]

test(`T10 given ${ANSWERS.length} malformed answers of WeChat, then no user and no session is made`, async (t) => {
  assert.ok(ANSWERS.length >= 40)
  const server = await newServer(t)
  for (const body of ANSWERS) {
    server.wechat.fault({ fault: 'body', body, times: 1 })
    const reply = await server.post('/v1/login', { appId: shop.appId, code: server.code(shop, server.stranger()) })
    assert.equal(outcomeOf(reply), '502 upstream_error', body)
    assert.ok(!reply.text.includes(good.openid))
    server.advance(MINUTE)
  }
  for (const table of ['users', 'identities', 'sessions', 'login_codes']) assert.equal(server.count(table), 0, table)
  const printed = server.printed()
  for (const value of Object.values(good)) assert.ok(!printed.includes(value))
})

test('T10 given a good answer of WeChat with unknown members, then the login works', async (t) => {
  const server = await newServer(t)
  for (const body of [JSON.stringify(good), changed('errcode', 0), changed('errcode', '0'), changed('unionid', '')]) {
    server.wechat.fault({ fault: 'body', body, times: 1 })
    const reply = await server.post('/v1/login', { appId: shop.appId, code: server.code(shop, 'mei') })
    assert.equal(outcomeOf(reply), '200', body)
  }
  assert.equal(server.count('users'), 1)
})

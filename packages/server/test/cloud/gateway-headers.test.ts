import assert from 'node:assert/strict'
import { test } from 'node:test'
import { club, loner, shop } from '../fixture/apps.ts'
import type { TestServer } from '../fixture/server.ts'
import { dump } from './assertion.ts'
import { type Answer, environment, newCloudRun, send } from './cloud-run.ts'

const bytes = (text: string): string => Buffer.from(text).toString('latin1')

/** What the gateway writes for this person in the shop. */
const headersOf = (server: TestServer, person: string): string[] => [
  `x-wx-openid: ${server.wechat.openid(shop.appId, person)}`,
  `x-wx-appid: ${shop.appId}`,
  `x-wx-unionid: ${server.wechat.unionid(shop.appId, person)}`,
  `x-wx-env: ${environment}`,
  'x-wx-source: wx_client',
]

/** Ways in which somebody may try to write that they are `victim`. */
const spellings = (victim: string): Record<string, string[]> => ({
  'as the gateway writes it': [`x-wx-openid: ${victim}`],
  'in capitals': [`X-WX-OPENID: ${victim}`],
  'in mixed case': [`X-Wx-OpenId: ${victim}`],
  twice: [`x-wx-openid: ${victim}`, `x-wx-openid: ${victim}`],
  'twice in two cases': [`x-wx-openid: ${victim}`, `X-WX-OPENID: ${victim}`],
  'with underscores': [`x_wx_openid: ${victim}`],
  'with one underscore': [`x-wx_openid: ${victim}`],
  'with underscores in capitals': [`X_WX_OPENID: ${victim}`],
  'as a CGI variable': [`HTTP_X_WX_OPENID: ${victim}`],
  'with dots': [`x.wx.openid: ${victim}`],
  'without dashes': [`xwxopenid: ${victim}`],
  'with a dash more': [`x-wx--openid: ${victim}`],
  'with a dash in front': [`-x-wx-openid: ${victim}`],
  'with a dash behind': [`x-wx-openid-: ${victim}`],
  'with a prefix': [`xx-wx-openid: ${victim}`],
  'as if a proxy had kept the original': [`x-original-wx-openid: ${victim}`],
  'as forwarded': [`x-forwarded-x-wx-openid: ${victim}`],
  'with a suffix': [`x-wx-openid2: ${victim}`],
  'with a blank before the colon': [`x-wx-openid : ${victim}`],
  'with a tab before the colon': [`x-wx-openid\t: ${victim}`],
  'with a blank in front': [` x-wx-openid: ${victim}`],
  'folded over two lines': ['x-wx-openid:', ` ${victim}`],
  'folded onto another header': ['x-other: y', ` x-wx-openid: ${victim}`],
  'with a line feed alone': [`x-other: y\nx-wx-openid: ${victim}`],
  'with a carriage return alone': [`x-other: y\rx-wx-openid: ${victim}`],
  'with a NUL in the name': [`x-wx-openid\0: ${victim}`],
  'with a NUL in the value': [`x-wx-openid: ${victim}\0`],
  'with a Kelvin sign and kin': [bytes(`x-wx-openıd: ${victim}`)],
  'with a full-width name': [bytes(`ｘ-ｗｘ-ｏｐｅｎｉｄ: ${victim}`)],
  'with a Cyrillic letter': [bytes(`x-wx-оpenid: ${victim}`)],
  'with another kind of dash': [bytes(`x‐wx‐openid: ${victim}`)],
  'with a soft hyphen': [`x-wx-open\xadid: ${victim}`],
  'with a blank that does not break': [`x-wx-openid\xa0: ${victim}`],
  'percent-encoded': [`x-wx-%6fpenid: ${victim}`],
  'without a colon': [`x-wx-openid ${victim}`],
  'in a list': [`x-wx-openid: ${victim}, ${victim}`],
  'behind an empty one': [`x-wx-openid: , ${victim}`],
  'in quotes': [`x-wx-openid: "${victim}"`],
  'with trailing blanks': [`x-wx-openid: ${victim} \t `],
  'in a cookie': [`cookie: x-wx-openid=${victim}`],
  'in Forwarded': [`forwarded: for=1.2.3.4;x-wx-openid=${victim}`],
  'as a header of the connection': ['connection: x-wx-openid', `x-wx-openid: ${victim}`],
  'as the caller of a shared environment': [`x-wx-from-openid: ${victim}`, `x-wx-from-appid: ${club.appId}`],
})

/** An answer without what is new in each: tokens, ids of requests. */
const sameness = ({ status, body }: Answer): Record<string, unknown> => {
  const { accessToken: _, refreshToken: __, requestId: ___, ...rest } = body
  return { status, ...rest }
}

test('T04 on the public listener no spelling of the gateway’s headers changes anything', async (t) => {
  const { server, open } = await newCloudRun(t)
  const bo = server.wechat.openid(shop.appId, 'bo')
  const codeOf = (person: string) => JSON.stringify({ appId: shop.appId, code: server.code(shop, person) })
  await send(open, 'POST /v1/login', [], codeOf('mei'))
  const plain = {
    login: sameness(await send(open, 'POST /v1/login', [], codeOf('mei'))),
    nothing: sameness(await send(open, 'POST /v1/login', [])),
    me: sameness(await send(open, 'GET /v1/me', [], '')),
  }
  assert.deepEqual([plain.login.status, plain.nothing.status, plain.me.status], [200, 400, 401])
  assert.ok(Object.keys(spellings('')).length >= 30)
  for (const [name, lines] of Object.entries(spellings(bo))) {
    // With all that the gateway would say besides, so that nothing else can be the reason.
    const forged = [...headersOf(server, 'bo').slice(1), ...lines]
    const login = await send(open, 'POST /v1/login', forged, codeOf('mei'))
    const refused = login.status === 400 && login.body.code === 'invalid_request' // not HTTP: it never became a request
    if (!refused) assert.deepEqual(sameness(login), plain.login, name)
    const before = dump(server)
    for (const [target, expected, body] of [
      ['POST /v1/login', plain.nothing, '{}'],
      ['GET /v1/me', plain.me, ''],
    ] as const) {
      const answer = await send(open, target, forged, body)
      if (!(refused && answer.status === 400)) assert.deepEqual(sameness(answer), expected, name)
    }
    assert.equal(dump(server), before, name)
  }
  assert.equal(server.rows('SELECT 1 FROM identities WHERE openid = ?', bo).length, 0)
  assert.deepEqual(plain.login.openid, server.wechat.openid(shop.appId, 'mei'))
})

test('T04 behind the gateway no other spelling of its headers changes who is calling', async (t) => {
  const { server, inside } = await newCloudRun(t)
  const [mei, bo] = ['mei', 'bo'].map((person) => server.wechat.openid(shop.appId, person))
  const genuine = headersOf(server, 'mei')
  await send(inside, 'POST /v1/login', genuine)
  const plain = sameness(await send(inside, 'POST /v1/login', genuine))
  assert.deepEqual([plain.status, plain.openid], [200, mei])
  const outcomes = new Map<string, string[]>()
  for (const [name, lines] of Object.entries(spellings(bo ?? ''))) {
    for (const forged of [
      [...genuine, ...lines],
      [...lines, ...genuine],
    ]) {
      const answer = await send(inside, 'POST /v1/login', forged)
      if (answer.status === 200) assert.deepEqual(sameness(answer), plain, name)
      const outcome = answer.status === 200 ? 'ignored' : `${answer.status} ${answer.body.code}`
      outcomes.set(outcome, [...(outcomes.get(outcome) ?? []), name])
    }
  }
  assert.deepEqual([...outcomes.keys()].sort(), ['400 invalid_request', '403 forbidden', 'ignored'])
  const forbidden = [
    'as the gateway writes it',
    'in capitals',
    'in mixed case',
    'in a list',
    'with trailing blanks',
    'as the caller of a shared environment',
  ]
  for (const name of forbidden) assert.ok(outcomes.get('403 forbidden')?.includes(name), name)
  assert.equal(server.rows('SELECT 1 FROM identities WHERE openid = ?', bo ?? '').length, 0)
})

/** The gateway's headers with some changed (null: left out) and some added. */
function changed(genuine: string[], change: Record<string, string | null>, ...more: string[]): string[] {
  const names = Object.keys(change)
  const kept = genuine.filter((line) => !names.some((name) => line.startsWith(`x-wx-${name}:`)))
  const lines = names.flatMap((name) => (change[name] === null ? [] : [`x-wx-${name}: ${change[name]}`]))
  return [...kept, ...lines, ...more]
}

test('T04 behind the gateway a caller is believed only when every header is there and well formed', async (t) => {
  const { server, inside } = await newCloudRun(t)
  const genuine = headersOf(server, 'mei')
  const from = (change: Record<string, string | null> = {}) =>
    changed(genuine, {
      openid: null,
      unionid: null,
      'from-openid': server.wechat.openid(club.appId, 'mei'),
      'from-appid': club.appId,
      ...change,
    })
  const before = dump(server)
  for (const [name, lines] of Object.entries({
    'no headers at all': [],
    'no source': changed(genuine, { source: null }),
    'an empty source': changed(genuine, { source: '' }),
    'a timer': changed(genuine, { source: 'wx_trigger' }),
    'an HTTP call': changed(genuine, { source: 'wx_http' }),
    'the developer tools, unless named': changed(genuine, { source: 'wx_devtools' }),
    'a chain that begins elsewhere': changed(genuine, { source: 'wx_trigger,wx_client' }),
    'a source in capitals': changed(genuine, { source: 'WX_CLIENT' }),
    'a source that begins alike': changed(genuine, { source: 'wx_client2' }),
    'no environment': changed(genuine, { env: null }),
    'another environment': changed(genuine, { env: 'prod-other' }),
    'an environment that begins alike': changed(genuine, { env: `${environment}2` }),
    'two environments': changed(genuine, { env: `${environment}, prod-other` }),
    'no app': changed(genuine, { appid: null }),
    'an app that is not allowed': changed(genuine, { appid: loner.appId }),
    'an app in capitals': changed(genuine, { appid: shop.appId.toUpperCase() }),
    'an app that may only borrow': changed(genuine, { appid: club.appId }),
    'no openid': changed(genuine, { openid: null }),
    'an empty openid': changed(genuine, { openid: '' }),
    'an openid with blanks': changed(genuine, { openid: 'o mei' }),
    'an openid of 65 characters': changed(genuine, { openid: 'o'.repeat(65) }),
    'a unionid with blanks': changed(genuine, { unionid: 'o mei' }),
    'openid twice': [...genuine, genuine[0] ?? ''],
    'appid twice': [...genuine, genuine[1] ?? ''],
    'unionid twice': [...genuine, genuine[2] ?? ''],
    'environment twice': [...genuine, genuine[3] ?? ''],
    'source twice': [...genuine, 'X-WX-SOURCE: wx_client'],
    'the caller of the owner beside one of a borrower': from({ openid: server.wechat.openid(shop.appId, 'mei') }),
    'an empty one twice': [...genuine, 'x-wx-from-openid:', 'x-wx-from-openid:'],
    'a borrower that is not allowed': from({ 'from-appid': loner.appId }),
    'a borrower without a name': from({ 'from-appid': null }),
    'a borrower without a person': from({ 'from-openid': null }),
    'a borrower whose person belongs to the owner': changed(genuine, { 'from-appid': club.appId }),
    'a unionid of a borrower alone': changed(genuine, { 'from-unionid': 'oX' }),
    'the owner as its own borrower': from({ 'from-appid': shop.appId }),
    'a borrower in an app that is not allowed': from({ appid: loner.appId }),
  })) {
    const { status, body } = await send(inside, 'POST /v1/login', lines)
    assert.deepEqual([status, body.code], [403, 'forbidden'], name)
    assert.match(String(body.detail), /^The gateway's headers do not say who is calling: look at /)
  }
  assert.equal(dump(server), before)
  assert.equal((await send(inside, 'POST /v1/login', genuine)).status, 200)
  assert.equal((await send(inside, 'POST /v1/login', from())).status, 200)
})

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Call, type CloudFunction, startFunction } from './testing/cloud-function.ts'
import { type HufuFixture, startHufuFixture } from './testing/hufu-fixture.ts'
import { apps, bo, mei, meiInClub, timer } from './testing/people.ts'

type Result = { appId?: string; openid?: string; problem?: { code: string; detail: string } }

let hufu: HufuFixture
let login: CloudFunction
before(async () => {
  hufu = await startHufuFixture()
  login = await startFunction(new URL('testing/login-function.cjs', import.meta.url))
})
after(async () => {
  await login.stop()
  await hufu.stop()
})

/** What a function with these options answers to the calls. */
async function results(options: object, ...calls: Call[]): Promise<Result[]> {
  const env = { OPTIONS: JSON.stringify({ server: hufu.url, ...options }) }
  return (await login.invokeAll(calls.map((call) => ({ ...call, ...env })))) as Result[]
}
const codes = (replies: Result[]) => replies.map(({ problem }) => problem?.code ?? 'signed in')

test('WeChat DevTools may call when the function’s options allow it', async () => {
  const { jwk } = await hufu.addKey()
  const devtools = { ...mei, TCB_SOURCE: 'wx_devtools' }
  const sources = ['wx_client', 'wx_devtools']
  assert.deepEqual(codes(await results({ key: jwk, sources }, devtools, mei)), ['signed in', 'signed in'])
})

test('an app that the function does not name is refused', async () => {
  const { jwk } = await hufu.addKey()
  const heard = hufu.logins.length
  const replies = await results({ key: jwk, appIds: [apps.club] }, mei, bo, meiInClub)
  assert.deepEqual(codes(replies), ['app_unknown', 'app_unknown', 'signed in'])
  assert.equal(hufu.logins.length, heard + 1)
})

test('in an environment shared between apps each app’s caller is signed for with that app’s key', async () => {
  const shop = await hufu.addKey()
  const club = await hufu.addKey('P-256')
  const key = { [apps.shop]: shop.jwk, [apps.club]: club.jwk }
  const stranger = { ...meiInClub, WX_FROM_APPID: 'wxstranger' }
  const replies = await results({ key }, mei, meiInClub, stranger)
  assert.deepEqual(codes(replies), ['signed in', 'signed in', 'app_unknown'])
  assert.deepEqual(
    hufu.logins.slice(-2).map(({ header, claims }) => [header.kid, header.alg, claims.iss, claims.sub, claims.unionid]),
    [
      [shop.kid, 'EdDSA', apps.shop, 'oMei-in-shop_1', 'uMei'],
      [club.kid, 'ES256', apps.club, 'oMei-in-club', 'uMei'],
    ],
  )
})

test('a cloud key may be raw JSON or base64url, Ed25519 or P-256', async () => {
  for (const kind of ['Ed25519', 'P-256'] as const) {
    const { jwk } = await hufu.addKey(kind)
    const encoded = Buffer.from(jwk).toString('base64url')
    for (const key of [jwk, ` ${jwk}\n`, encoded, `${encoded}\n`]) {
      assert.deepEqual(codes(await results({ key }, mei)), ['signed in'])
    }
  }
})

test('A11 a cloud key in another spelling that decoders forgive is no key', async () => {
  for (const kind of ['Ed25519', 'P-256'] as const) {
    const { jwk } = await hufu.addKey(kind)
    const encoded = Buffer.from(jwk).toString('base64url')
    const { d, ...rest } = JSON.parse(jwk)
    const wrong = [
      `${encoded}===`,
      `${encoded.slice(0, 20)} ${encoded.slice(20)}`,
      `${encoded.slice(0, 20)}\n${encoded.slice(20)}`,
      `${encoded}.`,
      encodeURIComponent(jwk),
      JSON.stringify({ ...rest, d: `${d}=` }),
      JSON.stringify({ ...rest, d: ` ${d}` }),
      JSON.stringify({ ...rest, d, x: `${rest.x}==` }),
    ]
    for (const key of wrong) assert.deepEqual(codes(await results({ key }, mei)), ['server_misconfigured'])
  }
})

test('the option audience is signed when the server is reached by another address', async () => {
  const { jwk } = await hufu.addKey()
  const reached = await results(
    { key: jwk, server: hufu.url.replace('127.0.0.1', 'localhost'), audience: hufu.url },
    mei,
  )
  assert.deepEqual(codes(reached), ['signed in'])
  const wrong = await results({ key: jwk, audience: 'https://another.example' }, mei)
  assert.deepEqual(codes(wrong), ['assertion_invalid'])
})

test('a function without any options answers with a problem too', async () => {
  assert.deepEqual(codes([(await login.invoke({ ...mei, OPTIONS: 'null' })) as Result]), ['server_misconfigured'])
})

test('everything wrong with the options comes back at once, as a problem', async () => {
  const replies = await results({ server: 'http://hufu.example', timeoutMs: 5, appIds: [''], sources: ['scf'] }, mei)
  assert.equal(replies[0]?.problem?.code, 'server_misconfigured')
  for (const name of ['server', 'key', 'timeoutMs', 'appIds', 'sources']) {
    assert.match(String(replies[0]?.problem?.detail), new RegExp(`\\b${name}\\b`))
  }
})

for (const server of [
  'http://hufu.example',
  'http://127.0.0.1.example',
  'ftp://127.0.0.1',
  'https://user:word@hufu.example',
  'https://hufu.example?a=1',
  'https://hufu.example#a',
  'hufu.example',
  '',
  undefined,
]) {
  test(`an assertion does not travel to ${server}`, async () => {
    const { jwk } = await hufu.addKey()
    assert.deepEqual(codes(await results({ key: jwk, server }, mei)), ['server_misconfigured'])
  })
}

test('no answer and no output of the function holds the private key, however wrong its options', async () => {
  const good = await hufu.addKey('P-256')
  const other = JSON.parse((await hufu.addKey('P-256')).jwk)
  const whole = JSON.parse(good.jwk)
  const { d } = whole
  const but = (change: object) => JSON.stringify({ ...whole, ...change })
  const wrong = [
    good.jwk.slice(0, -2),
    `x${good.jwk}`,
    d,
    but({ kid: undefined }),
    but({ kid: `${d}!` }),
    but({ kty: 'RSA' }),
    but({ crv: 'secp256k1' }),
    but({ d: undefined }),
    but({ d: d.slice(0, 20) }),
    but({ d: Buffer.alloc(32).toString('base64url') }),
    but({ x: other.x }),
    but({ x: other.x, y: other.y }),
    JSON.stringify({ keys: [whole] }),
    { [apps.shop]: `${good.jwk}x` },
    whole,
    {},
  ]
  const runs = [await results({ key: good.jwk }, mei, timer)]
  assert.deepEqual(codes(runs.flat()), ['signed in', 'forbidden'])
  for (const key of wrong) runs.push(await results({ key }, mei, timer))
  for (const run of runs.slice(1)) assert.deepEqual(codes(run), ['server_misconfigured', 'server_misconfigured'])
  const everything = JSON.stringify(runs) + login.printed()
  const spellings = [
    d,
    d.slice(0, 10),
    ...(['base64', 'hex'] as const).map((as) => Buffer.from(d, 'base64url').toString(as)),
  ]
  for (const spelling of spellings) assert.equal(everything.includes(spelling), false)
})

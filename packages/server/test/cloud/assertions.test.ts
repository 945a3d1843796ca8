import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { club, rival, shop } from '../fixture/apps.ts'
import { issuer } from '../fixture/config.ts'
import { problemOf } from '../fixture/reply.ts'
import { newServer, type TestServer } from '../fixture/server.ts'
import { SECOND } from '../fixture/time.ts'
import { addKey, claimsOf, dump, encode, headerOf, jws, newAssertion, newPair, type Pair, post } from './assertion.ts'

const REFUSAL = {
  type: '/problems/assertion_invalid',
  title: 'Assertion not valid',
  status: 401,
  code: 'assertion_invalid',
  detail: 'This assertion does not let anybody in. Sign a fresh one for every login.',
}

interface Fixture {
  server: TestServer
  now: number
  /** Keys of the shop, of both kinds, and one of the club. */
  ed: Pair
  ec: Pair
  clubs: Pair
  /** What the shop's function would say of Mei; other claims or header members where the case is about them. */
  say(claims?: object, header?: object): string
}

async function newFixture(t: TestContext): Promise<Fixture> {
  const server = await newServer(t)
  const [ed, ec, clubs] = [
    await addKey(server, shop),
    await addKey(server, shop, { alg: 'ES256' }),
    await addKey(server, club),
  ]
  return {
    server,
    now: server.clock.now() / SECOND,
    ed,
    ec,
    clubs,
    say: (claims = {}, header = {}) =>
      jws(ed, { ...headerOf(ed), ...header }, { ...claimsOf(server, shop, 'mei'), ...claims }),
  }
}

/** Posts each, expects the one refusal, byte for byte, and a database in which nothing moved. */
async function refusesAll({ server, say }: Fixture, cases: Record<string, string>): Promise<void> {
  const before = dump(server)
  const bodies = new Map<string, string>()
  for (const [name, assertion] of Object.entries(cases)) {
    const reply = await post(server, assertion)
    assert.deepEqual({ ...problemOf(reply) }, REFUSAL, name)
    bodies.set(reply.text.replace(/req_[0-9a-z]{26}/, 'req'), name)
    assert.equal(dump(server), before, `${name} left something in the database`)
    const parts = assertion.split('.').filter((part) => part.length > 20)
    assert.ok(!parts.some((part) => server.printed().includes(part)), `${name} is in the log`)
  }
  assert.equal(bodies.size, 1)
  assert.equal((await post(server, say())).status, 200, 'the genuine function is still let in')
}

test('a good assertion signed with Ed25519 or P-256 logs its person in', async (t) => {
  const { server, ed, ec } = await newFixture(t)
  for (const pair of [ed, ec]) {
    const reply = await post(server, newAssertion(server, pair, shop, 'mei'))
    assert.equal(reply.status, 200, reply.text)
  }
})

test('T22 an assertion that its named key did not sign logs nobody in', async (t) => {
  const fixture = await newFixture(t)
  const { server, ed, ec, clubs, say } = fixture
  const claims = claimsOf(server, shop, 'mei')
  const stranger = newPair(ed.kid)
  const [head = '', body = '', signature = ''] = say().split('.')
  const flip = (part: string) => (part.startsWith('A') ? 'B' : 'A') + part.slice(1)
  const jwk = stranger.publicKey.export({ format: 'jwk' })
  const hmac = (secret: string | Buffer, alg = 'HS256') => {
    const input = `${encode({ ...headerOf(ed), alg })}.${encode(claims)}`
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
  }
  const x = String(ed.publicKey.export({ format: 'jwk' }).x)
  const der = Buffer.from(jws(ec, headerOf(ec), claims).split('.')[2] ?? '', 'base64url')
  await refusesAll(fixture, {
    'another key': jws(stranger, headerOf(ed), claims),
    'the key of another app under the kid of this one': jws(clubs, headerOf(ed), claims),
    'no signature': `${head}.${body}.`,
    'no third part': `${head}.${body}`,
    'half a signature': `${head}.${body}.${signature.slice(0, 43)}`,
    'a signature with more behind it': `${head}.${body}.${signature}AAAA`,
    'another signature': `${head}.${body}.${flip(signature)}`,
    'another body': `${head}.${encode({ ...claims, sub: server.wechat.openid(shop.appId, 'bo') })}.${signature}`,
    'another header': `${encode({ ...headerOf(ed), kid: ec.kid })}.${body}.${signature}`,
    'alg none': `${encode({ ...headerOf(ed), alg: 'none' })}.${body}.`,
    'alg NONE with a signature': jws(ed, { ...headerOf(ed), alg: 'NONE' }, claims),
    'alg none without a kid': `${encode({ alg: 'none' })}.${body}.`,
    'HS256 with the public key as the secret, raw': hmac(Buffer.from(x, 'base64url')),
    'HS256 with the public key as the secret, as text': hmac(x),
    'HS256 with the public key as the secret, PEM': hmac(ed.publicKey.export({ format: 'pem', type: 'spki' })),
    'HS256 with the public key as the secret, DER': hmac(ed.publicKey.export({ format: 'der', type: 'spki' })),
    'HS256 with the public key as the secret, JWK': hmac(JSON.stringify(ed.publicKey.export({ format: 'jwk' }))),
    'HMAC that calls itself EdDSA': hmac(x, 'EdDSA'),
    'the algorithm of the other kind of key': jws(ed, { ...headerOf(ed), alg: 'ES256' }, claims),
    'the other kind of key, calling itself EdDSA': jws(ec, { ...headerOf(ec), alg: 'EdDSA' }, claims),
    'an algorithm that nobody allows': jws(ed, { ...headerOf(ed), alg: 'RS256' }, claims),
    'another name of the algorithm': jws(ed, { ...headerOf(ed), alg: 'Ed25519' }, claims),
    'no algorithm': jws(ed, { kid: ed.kid, typ: 'JWT' }, claims),
    'an ECDSA signature in DER': `${jws(ec, headerOf(ec), claims).split('.').slice(0, 2).join('.')}.${asDer(der)}`,
    'a key of its own, embedded': jws(stranger, { ...headerOf(ed), jwk }, claims),
    'a key of its own, embedded, with a kid nobody knows': jws(
      stranger,
      { alg: 'EdDSA', kid: 'ck_x', typ: 'JWT', jwk },
      claims,
    ),
    'a key of its own, elsewhere': jws(
      stranger,
      { ...headerOf(ed), jku: 'https://elsewhere.example/jwks.json' },
      claims,
    ),
  })
})

/** r and s of a signature, as a sequence of two integers. */
function asDer(signature: Buffer): string {
  const integer = (bytes: Buffer) => Buffer.concat([Buffer.from([2, bytes.length + 1, 0]), bytes])
  const body = Buffer.concat([integer(signature.subarray(0, 32)), integer(signature.subarray(32))])
  return Buffer.concat([Buffer.from([0x30, body.length]), body]).toString('base64url')
}

test('T22 an assertion whose header names no known key, or says anything more, logs nobody in', async (t) => {
  const fixture = await newFixture(t)
  const { say, ed, clubs } = fixture
  const revoked = await addKey(fixture.server, shop)
  assert.equal((await fixture.server.admin('DELETE', `cloud-keys/${revoked.kid}`)).status, 200)
  const { alg, kid, typ } = headerOf(ed)
  const claims = claimsOf(fixture.server, shop, 'mei')
  const raw = (header: string) => jws(ed, header, claims)
  await refusesAll(fixture, {
    'an unknown kid': say({}, { kid: `${kid.slice(0, -1)}${kid.endsWith('z') ? 'y' : 'z'}` }),
    'a revoked key': jws(revoked, headerOf(revoked), claims),
    'no kid': jws(ed, { alg, typ }, claims),
    'an empty kid': say({}, { kid: '' }),
    'a kid in capitals': say({}, { kid: kid.toUpperCase() }),
    'a kid that is a list': say({}, { kid: [kid] }),
    'a kid that is a number': say({}, { kid: 0 }),
    'a kid that is a path': say({}, { kid: '../../../dev/null' }),
    'a kid that is a member of every object': say({}, { kid: '__proto__' }),
    'a kid with more behind a NUL': say({}, { kid: `${kid}\0` }),
    'a kid that says SQL': say({}, { kid: `${kid}' OR '1'='1` }),
    'the kid of another app': say({}, { kid: clubs.kid }),
    'two kids': raw(`{"alg":"${alg}","kid":"${clubs.kid}","typ":"JWT","kid":"${kid}"}`),
    'two algorithms': raw(`{"alg":"none","alg":"${alg}","kid":"${kid}","typ":"JWT"}`),
    'no type': jws(ed, { alg, kid }, claims),
    'the type of an access token': say({}, { typ: 'at+jwt' }),
    'a type that is a list': say({}, { typ: ['JWT'] }),
    'a critical member': say({}, { crit: ['exp'], exp: 1 }),
    'an unencoded payload': say({}, { b64: false, crit: ['b64'] }),
    x5u: say({}, { x5u: 'https://elsewhere.example/key.pem' }),
    x5c: say({}, { x5c: ['MIIB'] }),
    jku: say({}, { jku: `${issuer}/.well-known/jwks.json` }),
    jwk: say({}, { jwk: ed.publicKey.export({ format: 'jwk' }) }),
    'a content type': say({}, { cty: 'JWT' }),
    compression: say({}, { zip: 'DEF' }),
    'a prototype': raw(`{"alg":"${alg}","kid":"${kid}","typ":"JWT","__proto__":{"x":1}}`),
    'a header that is a list': raw('["EdDSA"]'),
    'a header that is null': raw('null'),
    'a header that is no JSON': raw('alg: EdDSA'),
  })
})

test('T22 an assertion for another server, app, minute or person, or with odd claims, logs nobody in', async (t) => {
  const fixture = await newFixture(t)
  const { say, now, ed, server } = fixture
  const claims = claimsOf(server, shop, 'mei')
  const without = (name: string) => jws(ed, headerOf(ed), { ...claims, [name]: undefined })
  const raw = (text: string) => jws(ed, headerOf(ed), text)
  const member = (text: string) => raw(`${JSON.stringify(claims).slice(0, -1)},${text}}`)
  await refusesAll(fixture, {
    'another server': say({ aud: 'https://another.example' }),
    'this server with a slash': say({ aud: `${issuer}/` }),
    'the audience of access tokens': say({ aud: `${issuer}/realms/default` }),
    'several servers': say({ aud: [issuer, 'https://another.example'] }),
    'this server in a list': say({ aud: [issuer] }),
    'no server': without('aud'),
    'another app': say({ iss: club.appId }),
    'an app of another realm': say({ iss: rival.appId }),
    'an app that nobody knows': say({ iss: 'wx0000000000000000' }),
    'an app in a list': say({ iss: [shop.appId] }),
    'no app': without('iss'),
    'an age beyond the leeway': say({ iat: now - 90, exp: now - 30 }),
    'an age of a year': say({ iat: now - 31_536_060, exp: now - 31_536_000 }),
    'a birth beyond the leeway': say({ iat: now + 31, exp: now + 91 }),
    'a life of 61 seconds': say({ exp: now + 61 }),
    'a life of a day': say({ exp: now + 86_400 }),
    'a life that began long ago': say({ iat: now - 3600, exp: now + 60 }),
    'no life': say({ exp: now }),
    'a life that ends before it begins': say({ exp: now - 1 }),
    'no iat': without('iat'),
    'no exp': without('exp'),
    'times as text': say({ iat: String(now), exp: String(now + 60) }),
    'times with fractions': say({ iat: now + 0.25, exp: now + 59.5 }),
    'times without end': raw(JSON.stringify({ ...claims, exp: 0 }).replace('"exp":0', '"exp":1e999')),
    'times in milliseconds': say({ iat: server.clock.now(), exp: server.clock.now() + 60_000 }),
    'no jti': without('jti'),
    'a jti of 15 characters': say({ jti: 'j'.repeat(15) }),
    'a jti of 129 characters': say({ jti: 'j'.repeat(129) }),
    'a jti that is a number': say({ jti: 1_234_567_890_123_456 }),
    'a jti with blanks': say({ jti: 'a jti with blanks in it' }),
    'a jti with a NUL': say({ jti: `${'j'.repeat(16)}\0` }),
    'no person': without('sub'),
    'an empty person': say({ sub: '' }),
    'a person of digits, as a number': say({ sub: 1_234_567_890 }),
    'a person in a list': say({ sub: [claims.sub] }),
    'a person of 65 characters': say({ sub: 'o'.repeat(65) }),
    'a person with a line break': say({ sub: `${claims.sub}\n` }),
    'an empty unionid': say({ unionid: '' }),
    'a unionid of null': say({ unionid: null }),
    'a unionid that is a number': say({ unionid: 42 }),
    'a unionid with blanks': say({ unionid: 'o CX' }),
    'a claim that nobody asked for': say({ openid: claims.sub }),
    'a role': say({ admin: true }),
    nbf: say({ nbf: now }),
    'two persons': member(`"sub":"${server.wechat.openid(shop.appId, 'bo')}"`),
    'two ends': member(`"exp":${now + 30}`),
    'a prototype': member('"__proto__":{"sub":"oElse"}'),
    'claims in a list': raw(JSON.stringify([claims])),
    'claims of null': raw('null'),
    'claims that are no JSON': raw('sub=oElse'),
    'no claims at all': raw('{}'),
  })
})

test('T22 a text that is no assertion logs nobody in', async (t) => {
  const fixture = await newFixture(t)
  const { server, say, ed } = fixture
  const genuine = say()
  const [head = '', body = '', signature = ''] = genuine.split('.')
  const claims = claimsOf(server, shop, 'mei')
  const login = await server.logIn(club, 'bo')
  await refusesAll(fixture, {
    'one character': 'a',
    dots: '..',
    'many dots': '.'.repeat(4000),
    'three words': 'a.b.c',
    'four parts': `${genuine}.${signature}`,
    'a part too many in front': `.${genuine}`,
    'a blank behind it': `${genuine} `,
    'a line break inside': `${head}.\n${body}.${signature}`,
    'padded base64': `${head}.${body}.${signature}==`,
    'the parts in another order': `${body}.${head}.${signature}`,
    'a JWS as JSON': JSON.stringify({ protected: head, payload: body, signature }),
    'an encrypted token of five parts': 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA',
    'an access token of ours': login.accessToken,
    'a refresh token of ours': login.refreshToken,
    'a code of WeChat': server.code(shop, 'mei'),
    'an openid': server.wechat.openid(shop.appId, 'mei'),
    'more than 8 KiB of junk': 'A'.repeat(8193),
    'more than 8 KiB, well signed': jws(ed, headerOf(ed), `${JSON.stringify(claims)}${' '.repeat(6200)}`),
    'deeply nested claims': jws(ed, headerOf(ed), `{"sub":${'['.repeat(2000)}${']'.repeat(2000)}}`),
    'characters beyond ASCII': '断言.断言.断言',
    'half a character': '\ud800.\udfff.\ud800',
  })
})

test('a request without an assertion, or with more than one, is answered invalid_request', async (t) => {
  const { server, say } = await newFixture(t)
  const before = dump(server)
  for (const [body, expected] of [
    [{}, '400 invalid_request'],
    [{ assertion: '' }, '400 invalid_request'],
    [{ assertion: [say()] }, '400 invalid_request'],
    [{ assertion: say(), openid: server.wechat.openid(shop.appId, 'bo') }, '400 invalid_request'],
    [{ assertion: say(), appId: shop.appId }, '400 invalid_request'],
    [{ assertion: 'A'.repeat(20_000) }, '413 payload_too_large'],
  ] as const) {
    const { status, code } = problemOf(await server.post('/v1/login/cloud', body))
    assert.equal(`${status} ${code}`, expected)
  }
  assert.equal(dump(server), before)
})

test('an assertion is taken when the clocks are up to 30 seconds apart, in both directions', async (t) => {
  const { server, say, now } = await newFixture(t)
  const status = async (iat: number, exp: number) => (await post(server, say({ iat, exp }))).status
  assert.equal(await status(now + 30, now + 90), 200)
  assert.equal(await status(now + 31, now + 91), 401)
  assert.equal(await status(now - 89, now - 29), 200)
  assert.equal(await status(now - 90, now - 30), 401)
  server.advance(999)
  assert.equal(await status(now - 89, now - 29), 200)
  server.advance(1)
  assert.equal(await status(now - 89, now - 29), 401)
})

test('T11 given a blocked user, then no cloud key’s assertion logs them in', async (t) => {
  const { server, say } = await newFixture(t)
  const mei = await server.logIn(shop, 'mei')
  assert.equal((await server.admin('POST', `users/${mei.user.id}/block`)).status, 200)
  const assertion = say()
  for (const again of [assertion, say()]) {
    const { status, code } = problemOf(await post(server, again))
    assert.equal(`${status} ${code}`, '403 user_blocked')
  }
  assert.equal(server.rows('SELECT 1 FROM sessions WHERE ended IS NULL').length, 0)
  assert.deepEqual({ ...problemOf(await post(server, assertion)) }, REFUSAL, 'the assertion is spent all the same')
})

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { signAccessToken } from '../src/adapters/tokens/access-token.ts'
import { badJwts } from './bad-jwts.ts'
import { apps, shop } from './fixture/apps.ts'
import { issuer } from './fixture/config.ts'
import { people } from './fixture/people.ts'
import { outcomeOf } from './fixture/reply.ts'
import { newServer, type TestServer } from './fixture/server.ts'

function signingKey(server: TestServer) {
  const [key] = server.service.directory.keys().signing
  return key ?? assert.fail()
}

const COUNT = 150

test(`T22 given more than ${COUNT} forged access tokens, then none is taken and nothing breaks`, async (t) => {
  const server = await newServer(t)
  const { accessToken: token } = await server.logIn(shop, 'mei')
  const { privateKey, publicKey, publicJwk } = signingKey(server)
  const now = Math.floor(server.clock.now() / 1000)
  const bad = badJwts({ token, privateKey, publicKey, publicJwk: { ...publicJwk }, now })
  assert.ok(Object.keys(bad).length >= COUNT, String(Object.keys(bad).length))
  for (const [what, forged] of Object.entries(bad)) {
    const late = /^exp (in mill|now|below)/.test(what)
    for (const [method, path] of [
      ['GET', '/v1/me'],
      ['POST', '/v1/logout'],
    ] as const) {
      // What the letters of a header cannot carry never arrives.
      const headers = { authorization: `Bearer ${forged.replace(/[^\x20-\x7e]/g, '?')}` }
      const reply = await server.ask(method, path, { headers })
      assert.equal(outcomeOf(reply), late ? '401 token_expired' : '401 token_invalid', `${what}: ${reply.text}`)
    }
    if (what === 'sid of no session') continue // well signed: only the database knows
    const direct = await server.service.tokens.readAccess(forged, server.clock.now()).catch((error) => error.code)
    assert.equal(direct, late ? 'token_expired' : 'token_invalid', what)
  }
  assert.equal((await server.get('/v1/me', token)).status, 200, 'the genuine one is still good')
  assert.doesNotMatch(server.printed(), /"level":50/)
})

test('T22 T31 a token with `test` is refused in production, and one without it in development', async (t) => {
  for (const mode of ['production', 'development']) {
    const server = await newServer(t, { settings: { HUFU_MODE: mode } })
    const { accessToken } = await server.logIn(shop, 'mei')
    const { test: mark } = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString())
    assert.equal(mark, mode === 'development' ? true : undefined)
    const claims = await server.service.tokens.readAccess(accessToken, server.clock.now())
    const rules = { issuer, audience: (realm: string) => `${issuer}/realms/${realm}`, life: 900 }
    for (const marked of [true, false]) {
      const token = await signAccessToken(signingKey(server), { ...rules, test: marked }, claims, server.clock.now())
      const expected = marked === (mode === 'development') ? '200' : '401 token_invalid'
      assert.equal(outcomeOf(await server.get('/v1/me', token)), expected)
    }
  }
})

/** A good token, in every way that is not the good token. */
function* notQuite(token: string): Generator<string> {
  for (let length = 0; length < token.length; length++) {
    yield token.slice(0, length)
    yield token.slice(length + 1)
    const letter = token[length] ?? ''
    const flip = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()
    for (const other of [flip, letter === 'A' ? 'B' : 'A', '']) {
      const changed = token.slice(0, length) + other + token.slice(length + 1)
      if (changed !== token) yield changed
    }
  }
  const [id = '', secret = ''] = token.split('.')
  const bytes = Buffer.from(secret, 'base64url')
  yield* [
    ` ${token}`,
    `${token} `,
    `${token}\n`,
    `${token}\0`,
    `${token}=`,
    `${token}.`,
    `.${token}`,
    `${token}${token}`,
  ]
  yield* [`${id}..${secret}`, `${id}:${secret}`, `${secret}.${id}`, `${id}.${id}`, `${secret}.${secret}`, `"${token}"`]
  yield* [bytes.toString('hex'), `${id}.${bytes.toString('hex')}`, `${id}.${bytes.toString('latin1')}`]
  yield* [Buffer.from(token).toString('base64'), Buffer.from(token).toString('hex'), encodeURIComponent(`${token} `)]
  yield* [token.toUpperCase(), [...token].reverse().join(''), token.normalize('NFKD').replace('s', 'ſ')]
  const standard = `${id}.${bytes.toString('base64')}`
  if (standard !== token) yield standard
}

test('T23 no prefix, suffix, altered letter or other spelling of a refresh token is taken for it', async (t) => {
  const server = await newServer(t)
  const { refreshToken } = await server.logIn(shop, 'mei')
  let tried = 0
  for (const wrong of notQuite(refreshToken)) {
    const reply = await server.post('/v1/refresh', { refreshToken: wrong })
    assert.equal(outcomeOf(reply), wrong === '' ? '400 invalid_request' : '401 token_invalid', JSON.stringify(wrong))
    tried += 1
  }
  assert.ok(tried > 500, String(tried))
  await server.refresh(refreshToken)
})

/** Every value of every row, as text in several spellings, and every run of letters in the files. */
function stringsOf(server: TestServer): Set<string> {
  const found = new Set<string>()
  const tables = server.rows("SELECT name FROM sqlite_schema WHERE type = 'table'").map(({ name }) => String(name))
  for (const table of tables) {
    for (const row of server.rows(`SELECT * FROM "${table}"`)) {
      for (const value of Object.values(row)) {
        if (typeof value === 'string') found.add(value)
        if (!(value instanceof Uint8Array)) continue
        for (const encoding of ['base64url', 'base64', 'hex', 'latin1'] as const) {
          found.add(Buffer.from(value).toString(encoding))
        }
      }
    }
  }
  for (const file of [server.file, `${server.file}-wal`]) {
    for (const [run] of readFileSync(file)
      .toString('latin1')
      .matchAll(/[\x21-\x7e]{8,}/g))
      found.add(run)
  }
  return found
}

/** What a thief of the database would make of it: the form of a refresh token with all that stands in the row. */
function* composed(server: TestServer): Generator<string> {
  for (const { id, salt, generation, key_number } of server.rows('SELECT * FROM sessions')) {
    const head = Buffer.alloc(22)
    head.writeUInt16BE(Number(key_number), 0)
    head.writeUInt32BE(Number(generation), 2)
    if (salt instanceof Uint8Array) head.set(salt, 6)
    const sealed = server.rows('SELECT sealed FROM keys').map((key) => String(key.sealed))
    const guesses = [
      String(id),
      head.subarray(6),
      Buffer.alloc(32),
      '',
      ...sealed.flatMap((one) => [one, Buffer.from(one, 'base64url')]),
    ]
    for (const guess of guesses) {
      const mac = createHmac('sha256', guess).update('hufu-refresh-1').update(String(id)).update(head).digest()
      yield `${id}.${Buffer.concat([head, mac]).toString('base64url')}`
    }
    yield `${id}.${Buffer.concat([head, Buffer.alloc(32)]).toString('base64url')}`
  }
}

test('T23 given a copy of the database, then no string in it works as a credential', async (t) => {
  const server = await newServer(t)
  const { user } = await server.logIn(shop, 'mei')
  for (const app of apps) for (const person of people) await server.logIn(app, person)
  await server.refresh((await server.logIn(shop, 'bo')).refreshToken)
  const strings = stringsOf(server)
  for (const guess of composed(server)) strings.add(guess)
  assert.ok(strings.size > 200 && strings.has(user.id), String(strings.size))
  for (const text of strings) {
    const token = text.replace(/[^\x20-\x7e]/g, '?')
    const replies = await Promise.all([
      server.post('/v1/refresh', { refreshToken: text.slice(0, 15_000) }),
      server.post('/v1/logout', { refreshToken: text.slice(0, 15_000) }),
      server.ask('GET', '/v1/me', { token }),
      server.ask('GET', '/v1/me/sessions', { headers: { authorization: token } }),
    ])
    for (const { status } of replies) assert.ok(status === 401 || (text === '' && status === 400), text)
    assert.equal(
      (await server.service.adminApp.request('/admin/v1/apps', { headers: { authorization: `Bearer ${token}` } }))
        .status,
      401,
    )
  }
  assert.equal(server.rows("SELECT 1 FROM sessions WHERE ended IS NOT NULL AND ended <> 'crowded_out'").length, 0)
})

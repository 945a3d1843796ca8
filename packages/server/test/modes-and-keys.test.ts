import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shop } from './fixture/apps.ts'
import { issuer, masterKey } from './fixture/config.ts'
import { outcomeOf } from './fixture/reply.ts'
import { newServer } from './fixture/server.ts'

const otherKey = Buffer.alloc(32, 9).toString('base64')
const refusal = (message: RegExp) => ({ name: 'ProblemError', code: 'server_misconfigured', message })

for (const [made, asked] of [
  ['production', 'development'],
  ['development', 'production'],
] as const) {
  test(`T31 a database made in ${made} does not open in ${asked}`, async (t) => {
    const server = await newServer(t, { settings: { HUFU_MODE: made } })
    await server.stop()
    await assert.rejects(
      server.start({ HUFU_MODE: asked }),
      refusal(new RegExp(`made in ${made} mode and does not open in ${asked} mode`)),
    )
    await server.start({ HUFU_MODE: made })
    await server.logIn(shop, 'mei')
  })
}

test('T31 given a development token with the same issuer, then a production server refuses it', async (t) => {
  const development = await newServer(t, { settings: { HUFU_MODE: 'development' } })
  const production = await newServer(t)
  const { accessToken, refreshToken } = await development.logIn(shop, 'mei')
  assert.equal((await development.get('/v1/me', accessToken)).status, 200)
  assert.equal(outcomeOf(await production.get('/v1/me', accessToken)), '401 token_invalid')
  assert.equal(outcomeOf(await production.post('/v1/refresh', { refreshToken })), '401 token_invalid')
})

test('given a wrong master key, then the server does not start and says why', async (t) => {
  const server = await newServer(t)
  await server.stop()
  await assert.rejects(
    server.start({ HUFU_MASTER_KEY: otherKey }),
    refusal(/not the key that this database was sealed with/),
  )
  const both = { HUFU_MASTER_KEY: otherKey, HUFU_MASTER_KEY_PREVIOUS: Buffer.alloc(32, 8).toString('base64') }
  await assert.rejects(server.start(both), refusal(/not the key that this database was sealed with/))
  await server.start()
  await server.logIn(shop, 'mei')
})

test('a new master key takes over from the previous one, and nobody is signed out', async (t) => {
  const server = await newServer(t)
  const before = await server.logIn(shop, 'mei')
  await server.restart({ HUFU_MASTER_KEY: otherKey, HUFU_MASTER_KEY_PREVIOUS: masterKey })
  assert.equal((await server.get('/v1/me', before.accessToken)).status, 200)
  await server.restart({ HUFU_MASTER_KEY: otherKey })
  const after = await server.refresh(before.refreshToken)
  assert.equal((await server.get('/v1/me', after.accessToken)).status, 200)
  await server.logIn(shop, 'bo')
  await server.stop()
  await assert.rejects(server.start({ HUFU_MASTER_KEY: masterKey }), refusal(/not the key/))
  await server.start({ HUFU_MASTER_KEY: otherKey })
})

test('given a change of master key killed half-way, then the next start finishes it', async (t) => {
  const server = await newServer(t)
  const { refreshToken } = await server.logIn(shop, 'mei')
  const keys = { HUFU_MASTER_KEY: otherKey, HUFU_MASTER_KEY_PREVIOUS: masterKey }
  await server.stop()
  // Everything is sealed again, and then the process dies before it notes which key is the one now.
  const check = String(server.rows("SELECT value FROM settings WHERE name = 'key-check'")[0]?.value)
  await server.start(keys)
  await server.store.registry.setSetting({ name: 'key-check', value: check, ifAbsent: false })
  await server.restart(keys)
  await server.refresh(refreshToken)
  await server.restart({ HUFU_MASTER_KEY: otherKey })
  await server.logIn(shop, 'mei')
})

for (const algorithm of ['EdDSA', 'RS256']) {
  test(`T22 given a change to ${algorithm}, then old tokens work until they expire and no key checks the other algorithm`, async (t) => {
    const server = await newServer(t)
    const before = await server.logIn(shop, 'mei')
    await server.restart({ HUFU_SIGNING_ALGORITHM: algorithm })
    const after = await server.logIn(shop, 'mei')
    for (const { accessToken } of [before, after]) assert.equal((await server.get('/v1/me', accessToken)).status, 200)
    const { keys } = (await server.get('/.well-known/jwks.json')).body as { keys: Record<string, string>[] }
    assert.deepEqual(
      keys.map(({ alg }) => alg),
      ['ES256', algorithm],
    )
    assert.ok(keys.every((key) => !('d' in key || 'p' in key || 'q' in key || 'k' in key)))
    const [, body, signature] = after.accessToken.split('.')
    const header = { alg: 'ES256', typ: 'at+jwt', kid: keys[1]?.kid }
    const crossed = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${body}.${signature}`
    assert.equal(outcomeOf(await server.get('/v1/me', crossed)), '401 token_invalid')
  })
}

test('tokens of another audience are refused after the audience changed', async (t) => {
  const server = await newServer(t, { apps: [shop] })
  const { accessToken, refreshToken } = await server.logIn(shop, 'mei')
  await server.restart({ HUFU_AUDIENCE: 'my-product' })
  assert.equal(outcomeOf(await server.get('/v1/me', accessToken)), '401 token_invalid')
  const next = await server.refresh(refreshToken)
  const { aud, iss } = JSON.parse(Buffer.from(next.accessToken.split('.')[1] ?? '', 'base64url').toString())
  assert.deepEqual({ aud, iss }, { aud: 'my-product', iss: issuer })
})

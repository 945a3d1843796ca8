import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addKey, newAssertion } from './cloud/assertion.ts'
import { shop } from './fixture/apps.ts'
import { adminToken, config, masterKey } from './fixture/config.ts'
import { outcomeOf, type Reply } from './fixture/reply.ts'
import { newServer } from './fixture/server.ts'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const RUNS = 400

/** The same bytes for a decoder that forgives, in another last letter. Undefined where every bit is used. */
function withUnusedBits(part: string, bits: number): string | undefined {
  const unused = part.length % 4 === 2 ? 15 : part.length % 4 === 3 ? 3 : 0
  const flipped = bits & unused
  if (flipped === 0) return undefined
  return part.slice(0, -1) + LETTERS[LETTERS.indexOf(part.at(-1) ?? '') ^ flipped]
}

/** What may be done to one part of a token so that a lenient decoder reads the same bytes. */
const CHANGES: ((part: string, at: number, bits: number) => string | undefined)[] = [
  withUnusedBits,
  (part) => `${part}=`,
  (part) => `${part}==`,
  (part) => part + '='.repeat((4 - (part.length % 4)) % 4),
  (part, at) => `${part.slice(0, at)} ${part.slice(at)}`,
  (part, at) => `${part.slice(0, at)}\n${part.slice(at)}`,
  (part, at) => `${part.slice(0, at)}\t${part.slice(at)}`,
  (part, at) => `${part.slice(0, at)}=${part.slice(at)}`,
  (part, at) => `${part.slice(0, at)}*${part.slice(at)}`,
  (part, at) => `${part.slice(0, at)}\u200b${part.slice(at)}`,
  (part) => part.replaceAll('-', '+').replaceAll('_', '/'),
  (part) => part.replace('-', '+'),
  (part) => part.replace('_', '/'),
  (part, at) => `${part.slice(0, at)}%${part.charCodeAt(at).toString(16)}${part.slice(at + 1)}`,
  (part) => `${part}.`,
  (part) => `${part}..`,
  (part) => `.${part}`,
  (part, at) => part.slice(0, at) + String.fromCharCode(part.charCodeAt(at) + 0xfee0) + part.slice(at + 1), // full width
]

/** Another spelling of a token: one or two parts changed. */
const spellingsOf = (token: string): fc.Arbitrary<string> => {
  const parts = token.split('.')
  const change = fc.record({
    part: fc.nat(parts.length - 1),
    change: fc.constantFrom(...CHANGES),
    at: fc.nat(1000),
    bits: fc.integer({ min: 1, max: 15 }),
  })
  return fc
    .array(change, { minLength: 1, maxLength: 2 })
    .map((changes) => {
      const changed = [...parts]
      for (const { part, change, at, bits } of changes) {
        const before = changed[part] ?? ''
        changed[part] = change(before, at % Math.max(1, before.length), bits) ?? before
      }
      return changed.join('.')
    })
    .filter((spelling) => spelling !== token)
}

/** What no header can carry never arrives; blanks at its ends are taken off by HTTP itself. */
const fitsHeader = (text: string): boolean => /^[\x21-\x7e]+(?:[\x20-\x7e\t]*[\x21-\x7e])?$/.test(text)

async function none(
  spellings: fc.Arbitrary<string>,
  places: (spelling: string) => Promise<(Reply | string)[]>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(spellings, async (spelling) => {
      for (const reply of await places(spelling)) {
        const outcome = typeof reply === 'string' ? reply : outcomeOf(reply)
        assert.match(outcome, /token_invalid|assertion_invalid/, JSON.stringify(spelling))
      }
    }),
    { numRuns: RUNS },
  )
}

const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'taken',
    (error: { code: string }) => error.code,
  )

for (const algorithm of ['ES256', 'EdDSA', 'RS256']) {
  test(`A11 T22 no other spelling of an access token of ${algorithm} is taken anywhere`, async (t) => {
    const server = await newServer(t, { settings: { HUFU_SIGNING_ALGORITHM: algorithm } })
    const { accessToken } = await server.logIn(shop, 'mei')
    const header = JSON.parse(Buffer.from(accessToken.split('.')[0] ?? '', 'base64url').toString())
    assert.equal(header.alg, algorithm)
    await none(spellingsOf(accessToken), async (token) => {
      const direct = codeOf(server.service.authenticate(token))
      if (!fitsHeader(token)) return [await direct]
      return Promise.all([
        direct,
        server.get('/v1/me', token),
        server.get('/v1/me/sessions', token),
        server.ask('DELETE', '/v1/me', { token }),
        server.ask('DELETE', '/v1/me/sessions/ses_00000000000000000000000000', { token }),
        server.post('/v1/logout', undefined, { token }),
      ])
    })
    assert.equal((await server.get('/v1/me', accessToken)).status, 200, 'the one form is still good')
  })
}

test('A11 T23 no other spelling of a refresh token is taken, and none ends the session', async (t) => {
  const server = await newServer(t)
  const { refreshToken } = await server.logIn(shop, 'mei')
  await none(spellingsOf(refreshToken), (spelling) =>
    Promise.all([
      codeOf(server.service.refreshSession({ act: ACT, refreshToken: spelling, clientAddress: undefined })),
      server.post('/v1/refresh', { refreshToken: spelling }),
      server.post('/v1/logout', { refreshToken: spelling }),
    ]),
  )
  await server.refresh(refreshToken)
})

const ACT = { actor: 'person', requestId: 'req_00000000000000000000000000', now: 0 }

for (const alg of ['EdDSA', 'ES256'] as const) {
  test(`A11 T22 no other spelling of an assertion signed by ${alg} lets anybody in`, async (t) => {
    const server = await newServer(t)
    const pair = await addKey(server, shop, { alg })
    const assertion = newAssertion(server, pair, shop, 'mei')
    await none(spellingsOf(assertion), async (spelling) => [
      await server.post('/v1/login/cloud', { assertion: spelling }),
    ])
    assert.equal((await server.post('/v1/login/cloud', { assertion })).status, 200)
  })
}

test('A11 no other spelling of the admin token opens the admin listener', async (t) => {
  const server = await newServer(t)
  const ask = (token: string) =>
    server.service.adminApp.request('/admin/v1/apps', { headers: { authorization: `Bearer ${token}` } })
  const spellings = fc.oneof(
    spellingsOf(adminToken),
    fc.constantFrom(adminToken.toLowerCase(), adminToken.toUpperCase()),
  )
  await none(spellings.filter(fitsHeader), async (token) => [
    `${(await ask(token)).status === 401 ? 'token_invalid' : 'taken'}`,
  ])
  assert.equal((await ask(adminToken)).status, 200)
})

test('A11 no id is taken in another case or percent-encoded', async (t) => {
  const server = await newServer(t)
  const { accessToken: token, refreshToken, user } = await server.logIn(shop, 'mei')
  const [sessionId = ''] = refreshToken.split('.')
  const encoded = (id: string, at: number) => `${id.slice(0, at)}%${id.charCodeAt(at).toString(16)}${id.slice(at + 1)}`
  for (const path of [
    `me/sessions/${encoded(sessionId, 3)}`,
    `me/sessions/${encoded(sessionId, 20)}`,
    `me/sessions/${sessionId.toUpperCase()}`,
  ]) {
    assert.equal(outcomeOf(await server.ask('DELETE', `/v1/${path}`, { token })), '404 not_found', path)
  }
  for (const id of [encoded(user.id, 0), encoded(user.id, 12), encoded(user.id, 29)]) {
    assert.equal(outcomeOf(await server.admin('GET', `users/${id}`)), '404 not_found', id)
    assert.equal(outcomeOf(await server.admin('POST', `users/${id}/block`)), '404 not_found', id)
  }
  assert.equal(outcomeOf(await server.admin('GET', `users/${user.id.toUpperCase()}`)), '400 invalid_request')
  assert.equal(outcomeOf(await server.get('/v1/%6de', token)), '404 not_found')
  assert.equal((await server.get('/v1/me', token)).status, 200)
})

test('A11 a cloud key is registered in its one spelling', async (t) => {
  const server = await newServer(t)
  for (const jwk of PUBLIC_KEYS) {
    for (const member of ['x', ...('y' in jwk ? ['y'] : [])]) {
      const good = String(jwk[member as 'x'])
      for (const wrong of [
        `${good}=`,
        ` ${good}`,
        `${good}\n`,
        withUnusedBits(good, 1),
        withUnusedBits(good, 2),
        `${good}.`,
      ]) {
        const publicJwk = JSON.stringify({ ...jwk, [member]: wrong })
        const reply = await server.admin('POST', 'cloud-keys', { appId: shop.appId, unionid: 'trust', publicJwk })
        assert.equal(outcomeOf(reply), '400 invalid_request', `${member}: ${JSON.stringify(wrong)}`)
      }
    }
    const publicJwk = JSON.stringify(jwk)
    assert.equal(
      (await server.admin('POST', 'cloud-keys', { appId: shop.appId, unionid: 'trust', publicJwk })).status,
      201,
    )
  }
})

const PUBLIC_KEYS = [
  { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }, // RFC 8037, appendix A.2
  {
    kty: 'EC',
    crv: 'P-256', // RFC 7517, appendix A.1
    x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
    y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
  },
]

test('A11 a master key whose last letter is mistyped is not taken for the key that it nearly is', () => {
  const last = masterKey.at(-2) ?? ''
  for (const bits of [1, 2, 3]) {
    const other = LETTERS[LETTERS.indexOf(last) ^ bits]
    const mistyped = `${masterKey.slice(0, -2)}${other}=`
    assert.deepEqual(Buffer.from(mistyped, 'base64'), Buffer.from(masterKey, 'base64'))
    assert.throws(() => config({ HUFU_MASTER_KEY: mistyped }), /HUFU_MASTER_KEY: expected 32 bytes in base64/)
  }
  for (const good of [masterKey, masterKey.slice(0, -1)]) assert.ok(config({ HUFU_MASTER_KEY: good }))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { club, shop } from '../fixture/apps.ts'
import { problemOf, refusalOf } from '../fixture/reply.ts'
import { newServer, type TestServer } from '../fixture/server.ts'
import { MINUTE } from '../fixture/time.ts'
import { anotherProcess } from './another-process.ts'
import { addKey, dump, logInByCloud, newAssertion, newPair, post } from './assertion.ts'

test('the audit shows a login’s method and cloud key, and who added and revoked the key', async (t) => {
  const server = await newServer(t)
  const pair = await addKey(server, shop, { unionid: 'ignore' })
  const mei = await logInByCloud(server, pair, shop, 'mei')
  await server.logIn(shop, 'bo')
  await server.admin('DELETE', `cloud-keys/${pair.kid}?endSessions=true`)
  const eventsOf = async (kind: string): Promise<Record<string, unknown>[]> =>
    ((await server.admin('GET', `events?kind=${kind}`)).body as { items: Record<string, unknown>[] }).items
  const [login] = (await eventsOf('login')).filter(({ userId }) => userId === mei.user.id)
  assert.deepEqual(login?.detail, { decision: 'create', method: 'cloud-function', cloudKeyId: pair.kid })
  assert.deepEqual([login?.actor, login?.appId, login?.outcome], [`app:${shop.appId}`, shop.appId, 'ok'])
  const [added] = await eventsOf('cloud_key_added')
  assert.deepEqual([added?.actor, added?.appId], ['operator', shop.appId])
  assert.deepEqual(added?.detail, { key: pair.kid, unionid: 'ignore' })
  const [revoked] = await eventsOf('cloud_key_revoked')
  assert.deepEqual([revoked?.actor, revoked?.appId], ['operator', shop.appId])
  assert.deepEqual(revoked?.detail, { key: pair.kid, ended: 1 })
})

test('given a revoked cloud key, then every process refuses it at once, even one that has not heard of it', async (t) => {
  const server = await newServer(t)
  const pair = await addKey(server, shop)
  const other = await anotherProcess(server)
  assert.equal(await other.post(newAssertion(server, pair, shop, 'mei')), 200)
  await server.admin('DELETE', `cloud-keys/${pair.kid}`)
  const before = dump(server)
  assert.equal(refusalOf(await post(server, newAssertion(server, pair, shop, 'mei'))), '401 assertion_invalid')
  assert.equal(await other.post(newAssertion(server, pair, shop, 'mei')), 401)
  assert.equal(other.directory.cloudKey(pair.kid)?.revokedAt, undefined, 'it did not know')
  await other.directory.refresh()
  assert.equal(other.directory.cloudKey(pair.kid)?.revokedAt, server.clock.now())
  assert.equal(await other.post(newAssertion(server, pair, shop, 'mei')), 401)
  assert.equal(dump(server), before)
})

test('a cloud key added by one process can be revoked through another that has not heard of it', async (t) => {
  const server = await newServer(t)
  const other = await anotherProcess(server)
  const pair = await addKey(server, shop)
  assert.equal(other.directory.cloudKey(pair.kid), undefined)
  assert.deepEqual(await other.revoke(pair.kid), { ended: 0 })
  assert.equal(refusalOf(await post(server, newAssertion(server, pair, shop, 'mei'))), '401 assertion_invalid')
})

test('revoking a cloud key ends the sessions it made when asked to, and no others', async (t) => {
  const server = await newServer(t)
  const [leaked, good] = [await addKey(server, shop), await addKey(server, shop)]
  const through = {
    leaked: await logInByCloud(server, leaked, shop, 'mei'),
    good: await logInByCloud(server, good, shop, 'mei'),
    code: await server.logIn(shop, 'mei'),
  }
  // A session outlives its key, and is still the key's after a refresh.
  assert.deepEqual((await server.admin('DELETE', `cloud-keys/${leaked.kid}`)).body, { ended: 0 })
  const next = await server.refresh(through.leaked.refreshToken)
  assert.deepEqual((await server.admin('DELETE', `cloud-keys/${leaked.kid}?endSessions=true`)).body, { ended: 1 })
  assert.equal(refusalOf(await server.get('/v1/me', next.accessToken)), '401 token_invalid')
  assert.equal(refusalOf(await server.post('/v1/refresh', { refreshToken: next.refreshToken })), '401 token_invalid')
  for (const login of [through.good, through.code]) {
    assert.equal((await server.get('/v1/me', login.accessToken)).status, 200)
    await server.refresh(login.refreshToken)
  }
})

test('an operator is told what is wrong with a cloud key, its app, its unionid choice or its revocation', async (t) => {
  const server = await newServer(t)
  const { publicKey, privateKey } = newPair('', 'ES256')
  const jwk = publicKey.export({ format: 'jwk' })
  const publicJwk = JSON.stringify(jwk)
  const before = dump(server)
  const add = async (change: object): Promise<string> => {
    const input = { appId: shop.appId, unionid: 'trust', publicJwk, ...change }
    const problem = problemOf(await server.admin('POST', 'cloud-keys', input))
    return `${problem.code} ${problem.detail}`
  }
  assert.match(await add({ unionid: 'maybe' }), /^invalid_request .*trust: .*ignore: /)
  assert.match(await add({ unionid: undefined }), /^invalid_request .*unionid/)
  assert.match(await add({ appId: 'wx-nobody' }), /^app_unknown/)
  assert.match(await add({ appId: 'wx\0' }), /^invalid_request/)
  for (const wrong of [
    'no JSON',
    'null',
    '[]',
    '{}',
    JSON.stringify(privateKey.export({ format: 'jwk' })),
    JSON.stringify({ ...jwk, crv: 'P-384' }),
    JSON.stringify({ ...jwk, x: jwk.y }),
    JSON.stringify({ ...jwk, x: undefined }),
    JSON.stringify({ ...jwk, kty: 'OKP', crv: 'Ed25519', x: 'short' }),
    JSON.stringify({ kty: 'oct', k: 'c2VjcmV0' }),
    JSON.stringify({ kty: 'RSA', n: 'AQAB', e: 'AQAB' }),
  ]) {
    assert.match(await add({ publicJwk: wrong }), /^invalid_request Wrong: publicJwk/, wrong)
  }
  for (const id of ['ck_unknown', 'ck_00000000000000000000000000', '%00', "'--"]) {
    assert.equal(refusalOf(await server.admin('DELETE', `cloud-keys/${id}`)), '404 not_found')
  }
  assert.equal(refusalOf(await server.admin('DELETE', 'cloud-keys/ck_x?endSessions=yes')), '400 invalid_request')
  assert.equal(dump(server), before)
})

test('of a cloud key only the members of a public key are kept and listed', async (t) => {
  const server = await newServer(t)
  const { publicKey } = newPair('')
  const jwk = { ...publicKey.export({ format: 'jwk' }), use: 'sig', 'x-note': 'keep out' }
  await server.admin('POST', 'cloud-keys', { appId: shop.appId, unionid: 'trust', publicJwk: JSON.stringify(jwk) })
  const pair = await addKey(server, club, { unionid: 'ignore', alg: 'ES256' })
  const [{ public_jwk } = {}] = server.rows('SELECT public_jwk FROM cloud_keys WHERE app_id = ?', shop.appId)
  assert.deepEqual(Object.keys(JSON.parse(String(public_jwk))), ['kty', 'crv', 'x'])
  const list = (await server.admin('GET', `cloud-keys?appId=${club.appId}`)).body
  const createdAt = new Date(server.clock.now()).toISOString()
  const item = { id: pair.kid, appId: club.appId, unionid: 'ignore', algorithm: 'ES256', createdAt, revokedAt: null }
  assert.deepEqual(list, { items: [item], next: null })
})

test('given an app that is removed, then its cloud keys are gone', async (t) => {
  const server = await newServer(t)
  const pair = await addKey(server, shop)
  const assertion = newAssertion(server, pair, shop, 'mei')
  assert.equal((await server.admin('DELETE', `apps/${shop.appId}`)).status, 204)
  assert.equal(refusalOf(await post(server, assertion)), '401 assertion_invalid')
  assert.equal(server.count('cloud_keys'), 0)
})

const limited = { HUFU_CLOUD_KEY_LIMIT: '3', HUFU_LOGIN_LIMIT: '1' }
const atHome = { peerOf: () => '203.0.113.7' }

/** Statuses of so many logins through this key. */
async function statuses(
  server: TestServer,
  pair: Parameters<typeof newAssertion>[1],
  count: number,
): Promise<number[]> {
  const all: number[] = []
  for (let n = 0; n < count; n++) all.push((await post(server, newAssertion(server, pair, shop, 'mei'))).status)
  return all
}

test('each cloud key has a login limit of its own, and addresses have none by this login method', async (t) => {
  const server = await newServer(t, { settings: limited, ...atHome })
  const [busy, other] = [await addKey(server, shop), await addKey(server, shop)]
  for (let n = 0; n < 5; n++) assert.equal((await post(server, 'junk')).status, 401, 'nobody uses up what a key may do')
  assert.deepEqual(await statuses(server, busy, 4), [200, 200, 200, 429])
  const refused = problemOf(await post(server, newAssertion(server, busy, shop, 'mei')))
  assert.deepEqual([refused.code, refused.retryAfter], ['rate_limited', 20])
  assert.deepEqual(await statuses(server, other, 1), [200])
  assert.equal((await server.post('/v1/login', { appId: shop.appId, code: server.code(shop, 'mei') })).status, 200)
  assert.equal(refusalOf(await server.post('/v1/login', { appId: shop.appId, code: 'c' })), '429 rate_limited')
  server.advance(MINUTE / 3)
  assert.deepEqual(await statuses(server, busy, 2), [200, 429])
})

test('given an assertion refused by the limit, then it is not spent', async (t) => {
  const server = await newServer(t, { settings: { HUFU_CLOUD_KEY_LIMIT: '1' } })
  const pair = await addKey(server, shop)
  await statuses(server, pair, 1)
  const assertion = newAssertion(server, pair, shop, 'mei')
  const before = dump(server)
  assert.equal(refusalOf(await post(server, assertion)), '429 rate_limited')
  assert.equal(dump(server), before)
  server.advance(MINUTE)
  assert.equal((await post(server, assertion)).status, 200)
})

test('HUFU_LOGIN_LIMIT=0 switches the limit of cloud keys off too', async (t) => {
  const server = await newServer(t, { settings: { ...limited, HUFU_LOGIN_LIMIT: '0' }, ...atHome })
  const pair = await addKey(server, shop)
  assert.deepEqual(new Set(await statuses(server, pair, 10)), new Set([200]))
})

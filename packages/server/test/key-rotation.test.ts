import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KeyReply, List } from '@hufu/contract'
import { compose } from '../src/compose.ts'
import { LIFETIMES } from '../src/domain/session.ts'
import { retireOldKeys } from '../src/usecases/retire-old-keys.ts'
import { shop } from './fixture/apps.ts'
import { newCluster } from './fixture/cluster.ts'
import { adminToken, config, issuer } from './fixture/config.ts'
import { ask } from './fixture/process.ts'
import { outcomeOf } from './fixture/reply.ts'
import { newServer, type TestServer } from './fixture/server.ts'
import { DAY, MINUTE, SECOND } from './fixture/time.ts'
import { simulatedTransport } from './fixture/wechat.ts'

const keysOf = async (server: TestServer): Promise<KeyReply[]> =>
  ((await server.admin('GET', 'keys')).body as List<KeyReply>).items

const rotate = async (server: TestServer, purpose = 'signing'): Promise<KeyReply> => {
  const reply = await server.admin('POST', 'keys/rotate', { purpose })
  assert.equal(reply.status, 201, reply.text)
  return reply.body as KeyReply
}

const kidOf = (token: string): string => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid

const published = async (server: TestServer): Promise<string[]> =>
  ((await server.get('/.well-known/jwks.json')).body as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)

/** Another process on the same database; it follows only when it looks. */
async function another(server: TestServer) {
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  const { store, clock, wechat } = server
  const service = await compose(config(), { store, clock, log, transport: simulatedTransport(wechat) })
  const fetch = async (path: string, token: string) =>
    (await service.app.fetch(new Request(new URL(path, issuer), { headers: { authorization: `Bearer ${token}` } })))
      .status
  return { service, me: (token: string) => fetch('/v1/me', token), follow: () => service.directory.refresh() }
}

const tidy = (server: TestServer) =>
  retireOldKeys({ ...server.store, directory: server.service.directory, clock: server.clock, lifetimes: LIFETIMES })

const ROTATIONS = process.env.HUFU_TEST_DEEP ? 50 : 5

test(`T24 C18 ${ROTATIONS} rotations under load: no good token is refused, none of a retired key is accepted, on either process`, async (t) => {
  const server = await newServer(t)
  const other = await another(server)
  const given: { token: string; refresh: string; kid: string; at: number }[] = []
  const logIn = async (): Promise<void> => {
    const { accessToken, refreshToken } = await server.logIn(shop, server.stranger())
    given.push({ token: accessToken, refresh: refreshToken, kid: kidOf(accessToken), at: server.clock.now() })
  }
  const check = async (): Promise<void> => {
    const retired = new Set((await keysOf(server)).filter(({ state }) => state === 'retired').map(({ kid }) => kid))
    for (const { token, kid, at } of given.filter((one) => server.clock.now() - one.at < 25 * MINUTE)) {
      const isOver = server.clock.now() - at >= 15 * MINUTE
      const expected = isOver || retired.has(kid) ? 401 : 200
      const got = [(await server.get('/v1/me', token)).status, await other.me(token)]
      assert.deepEqual(got, [expected, expected], `${kid} ${server.clock.now() - at}`)
    }
  }
  for (let round = 0; round < ROTATIONS; round++) {
    await logIn()
    const key = await rotate(server, round % 4 === 3 ? 'refresh' : 'signing')
    await Promise.all([logIn(), logIn()])
    const again = await server.admin('POST', 'keys/rotate', { purpose: key.purpose })
    assert.equal(outcomeOf(again), '409 already_exists')
    if (key.purpose === 'signing') {
      assert.equal(
        kidOf((await server.logIn(shop, 'mei')).accessToken) === key.kid,
        false,
        'it is published, and waits',
      )
      assert.ok((await published(server)).includes(key.kid ?? ''))
    }
    server.advance(59 * SECOND)
    if (round % 2 === 0) await other.follow()
    await logIn()
    server.advance(SECOND)
    // The other process meets the new key in a token, before it has looked by itself.
    await Promise.all([logIn(), logIn()])
    if (key.purpose === 'signing') assert.equal(given.at(-1)?.kid, key.kid)
    await check()
    const last = given.at(-1)
    assert.ok(last)
    last.refresh = (await server.refresh(last.refresh)).refreshToken
    if (round % 7 === 4) {
      const leaked = (await keysOf(server)).find(({ purpose, state }) => purpose === 'signing' && state === 'signing')
      assert.ok(leaked)
      const answer = await server.admin('POST', `keys/${leaked.id}/retire`)
      assert.equal((answer.body as KeyReply).state, 'retired', answer.text)
      await other.follow()
      assert.ok(!(await published(server)).includes(leaked.kid ?? ''))
      await check()
      await logIn()
    }
    server.advance(4 * MINUTE)
    await tidy(server)
    await other.follow()
    await check()
  }
  for (const { refresh } of given.slice(-3)) await server.refresh(refresh)
  const kinds = server.rows("SELECT DISTINCT kind FROM audit_events WHERE kind LIKE 'key%' ORDER BY kind")
  assert.deepEqual(
    kinds.map(({ kind }) => kind),
    ['key_made', 'key_retired', 'key_rotated'],
  )
})

test('T24 C18 old keys are retired by themselves: signing keys after the last token, refresh keys after 90 days', async (t) => {
  const server = await newServer(t)
  const { refreshToken } = await server.logIn(shop, 'mei')
  await rotate(server)
  await rotate(server, 'refresh')
  const states = async () => (await keysOf(server)).map(({ state }) => state).join(' ')
  const seen: string[] = []
  for (const step of [0, 60 * SECOND, 16 * MINUTE, 2 * MINUTE, 89 * DAY, DAY]) {
    server.advance(step)
    await tidy(server)
    seen.push(await states())
    if (step === 2 * MINUTE) await server.refresh(refreshToken)
  }
  assert.deepEqual(seen, [
    'signing signing next next',
    'verifying verifying signing signing',
    'verifying verifying signing signing',
    'retired verifying signing signing',
    'retired verifying signing signing',
    'retired retired signing signing',
  ])
  const [first] = server.rows('SELECT retired_at FROM keys WHERE number = 1')
  assert.ok(Number(first?.retired_at) > 0)
})

test('T24 C18 a refresh key that leaked: its tokens are refused, and its people log in again', async (t) => {
  const server = await newServer(t)
  const before = await server.logIn(shop, 'mei')
  const [, refresh] = await keysOf(server)
  await server.admin('POST', `keys/${refresh?.id}/retire`)
  assert.equal(outcomeOf(await server.post('/v1/refresh', { refreshToken: before.refreshToken })), '401 token_invalid')
  const after = await server.logIn(shop, 'mei')
  await server.refresh(after.refreshToken)
  // A token whose successor was made with the key that is gone has no successor any more.
  await rotate(server, 'refresh')
  server.advance(MINUTE)
  const next = await server.refresh((await server.logIn(shop, 'bo')).refreshToken)
  const inUse = (await keysOf(server)).find(({ purpose, state }) => purpose === 'refresh' && state === 'signing')
  await server.admin('POST', `keys/${inUse?.id}/retire`)
  assert.equal(outcomeOf(await server.post('/v1/refresh', { refreshToken: next.refreshToken })), '401 token_invalid')
})

test('C18 what is no key, no purpose or no number is refused by name', async (t) => {
  const server = await newServer(t)
  const said = async (path: string, body?: object) => outcomeOf(await server.admin('POST', path, body))
  assert.deepEqual(
    await Promise.all([
      said('keys/999/retire'),
      said('keys/x/retire'),
      said('keys/-1/retire'),
      said('keys/rotate', { purpose: 'master' }),
      said('keys/rotate', { purposes: 'signing' }),
    ]),
    ['404 not_found', '400 invalid_request', '400 invalid_request', '400 invalid_request', '400 invalid_request'],
  )
  assert.equal((await keysOf(server)).length, 2)
  const { text } = await server.admin('GET', 'keys')
  assert.doesNotMatch(text, /"d"|sealed/)
})

test('T24 C18 four processes on PostgreSQL follow a rotation and a retirement within a second', async (t) => {
  const cluster = await newCluster(t)
  const person = cluster.stranger()
  const { accessToken } = await cluster.logIn(0, shop, person)
  const list = async (): Promise<KeyReply[]> =>
    ((await ask(`${cluster.first.adminUrl}/admin/v1/keys`, 'GET', undefined, adminToken)).body as List<KeyReply>).items
  const published = async (index: number): Promise<string[]> =>
    ((await cluster.get(index, '/.well-known/jwks.json', '')).body as { keys: { kid: string }[] }).keys.map(
      ({ kid }) => kid,
    )
  const everybody = async (holds: (index: number) => Promise<boolean>): Promise<void> => {
    for (let index = 0; index < 4; index++)
      while (!(await holds(index))) await new Promise((next) => setTimeout(next, 5))
  }
  await cluster.admin('POST', 'keys/rotate', {})
  const next = (await list()).find(({ state }) => state === 'next')
  await everybody(async (index) => (await published(index)).includes(next?.kid ?? ''))
  const leaked = (await list()).find(({ purpose, state }) => purpose === 'signing' && state === 'signing')
  await cluster.admin('POST', `keys/${leaked?.id}/retire`)
  await everybody(async (index) => (await cluster.get(index, '/v1/me', accessToken)).status === 401)
  // The one that waited took its place at once, and everybody knows it.
  const fresh = await cluster.logIn(1, shop, person)
  await Promise.all(
    [0, 1, 2, 3].map(async (index) =>
      assert.equal((await cluster.get(index, '/v1/me', fresh.accessToken)).status, 200),
    ),
  )
})

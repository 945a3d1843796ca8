import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoginReply, Me } from '@hufu/contract'
import { club, loner, rival, shop } from './fixture/apps.ts'
import { refusalOf } from './fixture/reply.ts'
import { newServer, type TestServer } from './fixture/server.ts'
import { SECOND } from './fixture/time.ts'

/** What the login rule decided, login by login, as the audit has it. */
const decisions = (server: TestServer): unknown[] =>
  server
    .rows("SELECT detail FROM audit_events WHERE kind = 'login' ORDER BY seq")
    .map(({ detail }) => JSON.parse(String(detail)).decision)

async function me(server: TestServer, login: LoginReply): Promise<Me> {
  const reply = await server.get('/v1/me', login.accessToken)
  assert.equal(reply.status, 200, reply.text)
  return reply.body as Me
}

const lastOutbox = (server: TestServer) =>
  server.rows('SELECT kind, user_id, detail FROM outbox ORDER BY seq DESC LIMIT 1')[0]

test('given an unknown person without a unionid, then a new user is made', async (t) => {
  const server = await newServer(t)
  const login = await server.logIn(loner, 'mei')
  assert.equal(login.user.isNew, true)
  assert.deepEqual(login.user.formerIds, [])
  assert.equal(login.openid, server.wechat.openid(loner.appId, 'mei'))
  assert.equal(login.unionid, null)
  assert.deepEqual(decisions(server), ['create'])
  assert.deepEqual(
    { ...lastOutbox(server) },
    {
      kind: 'user.created',
      user_id: login.user.id,
      detail: JSON.stringify({ appId: loner.appId }),
    },
  )
})

test('given an unknown person with a unionid, then a new user is made who holds it', async (t) => {
  const server = await newServer(t)
  const login = await server.logIn(shop, 'mei')
  assert.equal(login.user.isNew, true)
  assert.equal(login.unionid, server.wechat.unionid(shop.appId, 'mei'))
  assert.equal((await me(server, login)).identities[0]?.unionid, login.unionid)
  assert.deepEqual(decisions(server), ['create'])
})

test('given a known openid and no unionid, then its user is signed in', async (t) => {
  const server = await newServer(t)
  const first = await server.logIn(loner, 'mei')
  const again = await server.logIn(loner, 'mei')
  assert.deepEqual(again.user, { id: first.user.id, isNew: false, formerIds: [] })
  assert.equal(again.unionid, null)
  assert.deepEqual(decisions(server), ['create', 'sign-in'])
  assert.equal(server.count('users'), 1)
})

test('T12 given a known openid and a unionid that arrives late, then it is attached to the openid’s user', async (t) => {
  const server = await newServer(t)
  const before = await server.logIn(loner, 'mei')
  server.wechat.bind(loner.appId, 'owner')
  const after = await server.logIn(loner, 'mei')
  assert.equal(after.user.id, before.user.id)
  assert.equal(after.unionid, server.wechat.unionid(loner.appId, 'mei'))
  const elsewhere = await server.logIn(shop, 'mei')
  assert.equal(elsewhere.user.id, before.user.id)
  assert.deepEqual(decisions(server), ['create', 'sign-in', 'link'])
  assert.equal(server.count('users'), 1)
})

test('given a known unionid and an unknown openid, then the identity is linked to the unionid’s user', async (t) => {
  const server = await newServer(t)
  const inShop = await server.logIn(shop, 'mei')
  const inClub = await server.logIn(club, 'mei')
  assert.deepEqual(inClub.user, { id: inShop.user.id, isNew: false, formerIds: [] })
  assert.notEqual(inClub.openid, inShop.openid)
  assert.equal(inClub.unionid, inShop.unionid)
  assert.deepEqual(
    (await me(server, inShop)).identities.map(({ appId, openid }) => [appId, openid]),
    [
      [shop.appId, inShop.openid],
      [club.appId, inClub.openid],
    ],
  )
  assert.deepEqual(decisions(server), ['create', 'link'])
})

test('given an openid and a unionid of the same user, then that user is signed in', async (t) => {
  const server = await newServer(t)
  const first = await server.logIn(shop, 'mei')
  const again = await server.logIn(shop, 'mei')
  assert.equal(again.user.id, first.user.id)
  assert.equal(again.user.isNew, false)
  assert.equal(again.unionid, first.unionid)
  assert.deepEqual(decisions(server), ['create', 'sign-in'])
})

test('given a user with a unionid that WeChat leaves out, then they are signed in and keep it', async (t) => {
  const server = await newServer(t)
  const first = await server.logIn(shop, 'mei')
  server.wechat.fault({ fault: 'unionid-missing', times: 1 })
  const again = await server.logIn(shop, 'mei')
  assert.equal(again.user.id, first.user.id)
  assert.equal(again.unionid, first.unionid)
  assert.deepEqual(decisions(server), ['create', 'sign-in'])
})

for (const [elder, younger] of [
  [loner, shop],
  [shop, loner],
] as const) {
  test(`given one person with two users, the elder from ${elder === loner ? 'the unbound' : 'the bound'} app, then they are unified into the elder`, async (t) => {
    const server = await newServer(t)
    const survivor = await server.logIn(elder, 'mei')
    server.advance(SECOND)
    const absorbed = await server.logIn(younger, 'mei')
    assert.notEqual(absorbed.user.id, survivor.user.id)

    server.wechat.bind(loner.appId, 'owner')
    const unified = await server.logIn(loner, 'mei')
    assert.deepEqual(unified.user, { id: survivor.user.id, isNew: false, formerIds: [absorbed.user.id] })
    assert.equal(unified.unionid, server.wechat.unionid(shop.appId, 'mei'))
    assert.deepEqual(decisions(server), ['create', 'create', 'unify'])

    // The tokens of both still speak, for the survivor, and everybody is told the former id.
    for (const login of [survivor, absorbed, unified]) {
      const { id, formerIds, identities } = await me(server, login)
      assert.deepEqual({ id, formerIds }, { id: survivor.user.id, formerIds: [absorbed.user.id] })
      assert.deepEqual(identities.map(({ appId }) => appId).sort(), [shop.appId, loner.appId])
    }
    const next = await server.refresh(absorbed.refreshToken)
    const claims = JSON.parse(Buffer.from(next.accessToken.split('.')[1] ?? '', 'base64url').toString())
    assert.equal(claims.sub, survivor.user.id)
    assert.deepEqual(next.user, { id: survivor.user.id, formerIds: [absorbed.user.id] })
    assert.deepEqual((await server.logIn(club, 'mei')).user.formerIds, [absorbed.user.id])

    // A former id resolves for ever, and the product is told.
    const found = await server.admin('GET', `users/${absorbed.user.id}`)
    assert.equal((found.body as Me).id, survivor.user.id)
    assert.deepEqual(
      { ...lastOutbox(server) },
      {
        kind: 'user.unified',
        user_id: survivor.user.id,
        detail: JSON.stringify({ absorbed: absorbed.user.id }),
      },
    )
    assert.equal(server.count('unifications'), 1)
  })
}

test('T14 given another unionid than the user holds, then they are signed in, nothing changes and the conflict is recorded', async (t) => {
  const server = await newServer(t)
  const mei = await server.logIn(shop, 'mei')
  server.wechat.bind(shop.appId, 'another-owner')
  const moved = await server.logIn(shop, 'mei')
  assert.equal(moved.user.id, mei.user.id)
  assert.equal(moved.unionid, mei.unionid, 'the answer carries the unionid that Hufu holds')
  await server.logIn(shop, 'mei')
  assert.deepEqual(decisions(server), ['create', 'conflict', 'conflict'])
  const { items } = (await server.admin('GET', 'conflicts')).body as { items: Record<string, unknown>[] }
  assert.equal(items.length, 1)
  const [{ id: _, firstSeenAt: __, lastSeenAt: ___, ...conflict } = {}] = items
  assert.deepEqual(conflict, {
    appId: shop.appId,
    openid: mei.openid,
    unionid: server.wechat.unionid(shop.appId, 'mei'),
    userId: mei.user.id,
    holderId: null,
    count: 2,
    decision: null,
    decidedAt: null,
  })
})

test('T14 given another unionid than the user holds, which another user holds, then nobody is unified', async (t) => {
  const server = await newServer(t)
  const mei = await server.logIn(shop, 'mei')
  server.wechat.bind(shop.appId, 'another-owner')
  server.wechat.bind(loner.appId, 'another-owner')
  const holder = await server.logIn(loner, 'mei')
  assert.notEqual(holder.user.id, mei.user.id)
  const moved = await server.logIn(shop, 'mei')
  assert.equal(moved.user.id, mei.user.id)
  assert.deepEqual(decisions(server), ['create', 'create', 'conflict'])
  assert.equal(server.rows('SELECT holder_id FROM conflicts')[0]?.holder_id, holder.user.id)
})

test('given an identity that an operator split off, then it stays apart until the pin is lifted', async (t) => {
  const server = await newServer(t)
  const early = await server.logIn(loner, 'mei')
  server.advance(SECOND)
  const late = await server.logIn(shop, 'mei')
  server.wechat.bind(loner.appId, 'owner')
  await server.logIn(loner, 'mei')
  const [unification] = ((await server.admin('GET', 'unifications')).body as { items: { id: string }[] }).items
  const undone = await server.admin('POST', `unifications/${unification?.id}/undo`)
  assert.equal(undone.status, 200, undone.text)

  const apart = await server.logIn(loner, 'mei')
  assert.deepEqual(apart.user, { id: early.user.id, isNew: false, formerIds: [] })
  assert.equal(apart.unionid, null)
  assert.equal((await server.logIn(shop, 'mei')).user.id, late.user.id)
  assert.deepEqual(decisions(server), ['create', 'create', 'unify', 'conflict', 'sign-in'])

  const [conflict] = ((await server.admin('GET', 'conflicts')).body as { items: { id: string }[] }).items
  server.advance(SECOND)
  const accepted = await server.admin('POST', `conflicts/${conflict?.id}/resolve`, { decision: 'accept' })
  assert.equal(accepted.status, 204, accepted.text)
  const together = await server.logIn(shop, 'mei')
  assert.deepEqual(together.user, { id: early.user.id, isNew: false, formerIds: [late.user.id] })
})

test('T14 given the same unionid in another realm, then it is another user', async (t) => {
  const server = await newServer(t)
  const here = await server.logIn(shop, 'mei')
  server.wechat.bind(rival.appId, 'owner') // WeChat would never say the same unionid to another owner; we would not care
  const there = await server.logIn(rival, 'mei')
  assert.equal(there.unionid, here.unionid)
  assert.notEqual(there.user.id, here.user.id)
  assert.deepEqual(decisions(server), ['create', 'create'])
})

test('given a user who deletes their account, then they are gone at once and a new login makes a new user', async (t) => {
  const server = await newServer(t)
  const before = await server.logIn(shop, 'mei')
  await server.logIn(club, 'mei')
  const erased = await server.ask('DELETE', '/v1/me', { token: before.accessToken })
  assert.equal(erased.status, 202)
  assert.deepEqual(erased.body, { erasedBy: new Date(server.clock.now() + 24 * 3_600_000).toISOString() })
  assert.equal(refusalOf(await server.get('/v1/me', before.accessToken)), '401 token_invalid')
  assert.equal(refusalOf(await server.post('/v1/refresh', { refreshToken: before.refreshToken })), '401 token_invalid')

  const after = await server.logIn(shop, 'mei')
  assert.equal(after.user.isNew, true)
  assert.notEqual(after.user.id, before.user.id)
  assert.equal((await server.logIn(club, 'mei')).user.id, after.user.id)
  assert.equal(server.rows('SELECT status FROM users WHERE id = ?', before.user.id)[0]?.status, 'deleted')
})

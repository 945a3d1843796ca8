import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoginReply, Me } from '@hufu/contract'
import { club, loner, newWorld, refusalOf, rival, SECOND, shop, type World } from './world.ts'

/** What the login rule decided, login by login, as the audit has it. */
const decisions = (world: World): unknown[] =>
  world
    .rows("SELECT detail FROM audit_events WHERE kind = 'login' ORDER BY seq")
    .map(({ detail }) => JSON.parse(String(detail)).decision)

async function me(world: World, login: LoginReply): Promise<Me> {
  const reply = await world.get('/v1/me', login.accessToken)
  assert.equal(reply.status, 200, reply.text)
  return reply.body as Me
}

const lastOutbox = (world: World) => world.rows('SELECT kind, user_id, detail FROM outbox ORDER BY seq DESC LIMIT 1')[0]

test('nobody we know, without a unionid: a new user', async (t) => {
  const world = await newWorld(t)
  const login = await world.logIn(loner, 'mei')
  assert.equal(login.user.isNew, true)
  assert.deepEqual(login.user.formerIds, [])
  assert.equal(login.openid, world.wechat.openid(loner.appId, 'mei'))
  assert.equal(login.unionid, null)
  assert.deepEqual(decisions(world), ['create'])
  assert.deepEqual(
    { ...lastOutbox(world) },
    {
      kind: 'user.created',
      user_id: login.user.id,
      detail: JSON.stringify({ appId: loner.appId }),
    },
  )
})

test('nobody we know, with a unionid: a new user who keeps it', async (t) => {
  const world = await newWorld(t)
  const login = await world.logIn(shop, 'mei')
  assert.equal(login.user.isNew, true)
  assert.equal(login.unionid, world.wechat.unionid(shop.appId, 'mei'))
  assert.equal((await me(world, login)).identities[0]?.unionid, login.unionid)
  assert.deepEqual(decisions(world), ['create'])
})

test('known in this app, and WeChat says no unionid: signed in', async (t) => {
  const world = await newWorld(t)
  const first = await world.logIn(loner, 'mei')
  const again = await world.logIn(loner, 'mei')
  assert.deepEqual(again.user, { id: first.user.id, isNew: false, formerIds: [] })
  assert.equal(again.unionid, null)
  assert.deepEqual(decisions(world), ['create', 'sign-in'])
  assert.equal(world.count('users'), 1)
})

test('T12 a unionid that arrives late is attached to the user who was there before', async (t) => {
  const world = await newWorld(t)
  const before = await world.logIn(loner, 'mei')
  world.wechat.bind(loner.appId, 'owner')
  const after = await world.logIn(loner, 'mei')
  assert.equal(after.user.id, before.user.id)
  assert.equal(after.unionid, world.wechat.unionid(loner.appId, 'mei'))
  const elsewhere = await world.logIn(shop, 'mei')
  assert.equal(elsewhere.user.id, before.user.id)
  assert.deepEqual(decisions(world), ['create', 'sign-in', 'link'])
  assert.equal(world.count('users'), 1)
})

test('known by the unionid, first visit to this app: the identity is linked', async (t) => {
  const world = await newWorld(t)
  const inShop = await world.logIn(shop, 'mei')
  const inClub = await world.logIn(club, 'mei')
  assert.deepEqual(inClub.user, { id: inShop.user.id, isNew: false, formerIds: [] })
  assert.notEqual(inClub.openid, inShop.openid)
  assert.equal(inClub.unionid, inShop.unionid)
  assert.deepEqual(
    (await me(world, inShop)).identities.map(({ appId, openid }) => [appId, openid]),
    [
      [shop.appId, inShop.openid],
      [club.appId, inClub.openid],
    ],
  )
  assert.deepEqual(decisions(world), ['create', 'link'])
})

test('known both ways and the same: signed in', async (t) => {
  const world = await newWorld(t)
  const first = await world.logIn(shop, 'mei')
  const again = await world.logIn(shop, 'mei')
  assert.equal(again.user.id, first.user.id)
  assert.equal(again.user.isNew, false)
  assert.equal(again.unionid, first.unionid)
  assert.deepEqual(decisions(world), ['create', 'sign-in'])
})

test('WeChat omits the unionid of somebody who has one: signed in, and it is still theirs', async (t) => {
  const world = await newWorld(t)
  const first = await world.logIn(shop, 'mei')
  world.wechat.fault({ fault: 'unionid-missing', times: 1 })
  const again = await world.logIn(shop, 'mei')
  assert.equal(again.user.id, first.user.id)
  assert.equal(again.unionid, first.unionid)
  assert.deepEqual(decisions(world), ['create', 'sign-in'])
})

for (const [elder, younger] of [
  [loner, shop],
  [shop, loner],
] as const) {
  test(`one person with two users is unified into the elder, who came through ${elder === loner ? 'the unbound' : 'the bound'} app`, async (t) => {
    const world = await newWorld(t)
    const survivor = await world.logIn(elder, 'mei')
    world.advance(SECOND)
    const absorbed = await world.logIn(younger, 'mei')
    assert.notEqual(absorbed.user.id, survivor.user.id)

    world.wechat.bind(loner.appId, 'owner')
    const unified = await world.logIn(loner, 'mei')
    assert.deepEqual(unified.user, { id: survivor.user.id, isNew: false, formerIds: [absorbed.user.id] })
    assert.equal(unified.unionid, world.wechat.unionid(shop.appId, 'mei'))
    assert.deepEqual(decisions(world), ['create', 'create', 'unify'])

    // The tokens of both still speak, for the survivor, and everybody is told the former id.
    for (const login of [survivor, absorbed, unified]) {
      const { id, formerIds, identities } = await me(world, login)
      assert.deepEqual({ id, formerIds }, { id: survivor.user.id, formerIds: [absorbed.user.id] })
      assert.deepEqual(identities.map(({ appId }) => appId).sort(), [shop.appId, loner.appId])
    }
    const next = await world.refresh(absorbed.refreshToken)
    const claims = JSON.parse(Buffer.from(next.accessToken.split('.')[1] ?? '', 'base64url').toString())
    assert.equal(claims.sub, survivor.user.id)
    assert.deepEqual(next.user, { id: survivor.user.id, formerIds: [absorbed.user.id] })
    assert.deepEqual((await world.logIn(club, 'mei')).user.formerIds, [absorbed.user.id])

    // A former id resolves for ever, and the product is told.
    const found = await world.admin('GET', `users/${absorbed.user.id}`)
    assert.equal((found.body as Me).id, survivor.user.id)
    assert.deepEqual(
      { ...lastOutbox(world) },
      {
        kind: 'user.unified',
        user_id: survivor.user.id,
        detail: JSON.stringify({ absorbed: absorbed.user.id }),
      },
    )
    assert.equal(world.count('unifications'), 1)
  })
}

test('T14 another unionid for somebody who has one: signed in, nothing changes, an operator is told', async (t) => {
  const world = await newWorld(t)
  const mei = await world.logIn(shop, 'mei')
  world.wechat.bind(shop.appId, 'another-owner')
  const moved = await world.logIn(shop, 'mei')
  assert.equal(moved.user.id, mei.user.id)
  assert.equal(moved.unionid, mei.unionid, 'the answer carries the unionid that Hufu holds')
  await world.logIn(shop, 'mei')
  assert.deepEqual(decisions(world), ['create', 'conflict', 'conflict'])
  const { items } = (await world.admin('GET', 'conflicts')).body as { items: Record<string, unknown>[] }
  assert.equal(items.length, 1)
  const [{ id: _, firstSeenAt: __, lastSeenAt: ___, ...conflict } = {}] = items
  assert.deepEqual(conflict, {
    appId: shop.appId,
    openid: mei.openid,
    unionid: world.wechat.unionid(shop.appId, 'mei'),
    userId: mei.user.id,
    holderId: null,
    count: 2,
    decision: null,
    decidedAt: null,
  })
})

test('T14 another unionid that somebody else holds unifies nobody', async (t) => {
  const world = await newWorld(t)
  const mei = await world.logIn(shop, 'mei')
  world.wechat.bind(shop.appId, 'another-owner')
  world.wechat.bind(loner.appId, 'another-owner')
  const holder = await world.logIn(loner, 'mei')
  assert.notEqual(holder.user.id, mei.user.id)
  const moved = await world.logIn(shop, 'mei')
  assert.equal(moved.user.id, mei.user.id)
  assert.deepEqual(decisions(world), ['create', 'create', 'conflict'])
  assert.equal(world.rows('SELECT holder_id FROM conflicts')[0]?.holder_id, holder.user.id)
})

test('an identity that an operator split off stays apart until the pin is lifted', async (t) => {
  const world = await newWorld(t)
  const early = await world.logIn(loner, 'mei')
  world.advance(SECOND)
  const late = await world.logIn(shop, 'mei')
  world.wechat.bind(loner.appId, 'owner')
  await world.logIn(loner, 'mei')
  const [unification] = ((await world.admin('GET', 'unifications')).body as { items: { id: string }[] }).items
  const undone = await world.admin('POST', `unifications/${unification?.id}/undo`)
  assert.equal(undone.status, 200, undone.text)

  const apart = await world.logIn(loner, 'mei')
  assert.deepEqual(apart.user, { id: early.user.id, isNew: false, formerIds: [] })
  assert.equal(apart.unionid, null)
  assert.equal((await world.logIn(shop, 'mei')).user.id, late.user.id)
  assert.deepEqual(decisions(world), ['create', 'create', 'unify', 'conflict', 'sign-in'])

  const [conflict] = ((await world.admin('GET', 'conflicts')).body as { items: { id: string }[] }).items
  world.advance(SECOND)
  const accepted = await world.admin('POST', `conflicts/${conflict?.id}/resolve`, { decision: 'accept' })
  assert.equal(accepted.status, 204, accepted.text)
  const together = await world.logIn(shop, 'mei')
  assert.deepEqual(together.user, { id: early.user.id, isNew: false, formerIds: [late.user.id] })
})

test('T14 an equal name in another realm is another person: realms never meet', async (t) => {
  const world = await newWorld(t)
  const here = await world.logIn(shop, 'mei')
  world.wechat.bind(rival.appId, 'owner') // WeChat would never say the same unionid to another owner; we would not care
  const there = await world.logIn(rival, 'mei')
  assert.equal(there.unionid, here.unionid)
  assert.notEqual(there.user.id, here.user.id)
  assert.deepEqual(decisions(world), ['create', 'create'])
})

test('who deletes their account is gone at once, and comes back as somebody new', async (t) => {
  const world = await newWorld(t)
  const before = await world.logIn(shop, 'mei')
  await world.logIn(club, 'mei')
  const erased = await world.ask('DELETE', '/v1/me', { token: before.accessToken })
  assert.equal(erased.status, 202)
  assert.deepEqual(erased.body, { erasedBy: new Date(world.clock.now() + 24 * 3_600_000).toISOString() })
  assert.equal(refusalOf(await world.get('/v1/me', before.accessToken)), '401 token_invalid')
  assert.equal(refusalOf(await world.post('/v1/refresh', { refreshToken: before.refreshToken })), '401 token_invalid')

  const after = await world.logIn(shop, 'mei')
  assert.equal(after.user.isNew, true)
  assert.notEqual(after.user.id, before.user.id)
  assert.equal((await world.logIn(club, 'mei')).user.id, after.user.id)
  assert.equal(world.rows('SELECT status FROM users WHERE id = ?', before.user.id)[0]?.status, 'deleted')
})

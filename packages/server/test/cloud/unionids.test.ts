import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { LoginReply } from '@hufu/contract'
import { club, loner, shop } from '../fixture/apps.ts'
import { newServer, type TestServer } from '../fixture/server.ts'
import { SECOND } from '../fixture/time.ts'
import { addKey, logInByCloud, type Pair } from './assertion.ts'

/** Logins through cloud functions of three apps: what the database then holds of them is what they did. */
async function newClouds(t: TestContext, unionid: 'trust' | 'ignore') {
  const server = await newServer(t)
  const keys = new Map<string, Pair>()
  for (const app of [shop, club, loner]) keys.set(app.appId, await addKey(server, app, { unionid }))
  return {
    server,
    async logIn(app: { appId: string }, person: string, claims: object = {}): Promise<LoginReply> {
      const pair = keys.get(app.appId) ?? assert.fail()
      server.advance(SECOND)
      return logInByCloud(server, pair, app, person, claims)
    },
  }
}

const decisions = (server: TestServer): unknown[] =>
  server
    .rows("SELECT detail FROM audit_events WHERE kind = 'login' ORDER BY seq")
    .map(({ detail }) => JSON.parse(String(detail)).decision)

const NONE = { unionid: undefined }

test('trust: given an unknown person, with or without a unionid, then a new user is made who holds it', async (t) => {
  const { server, logIn } = await newClouds(t, 'trust')
  const mei = await logIn(shop, 'mei')
  const bo = await logIn(shop, 'bo', NONE)
  assert.deepEqual([mei.user.isNew, mei.unionid], [true, server.wechat.unionid(shop.appId, 'mei')])
  assert.deepEqual([bo.user.isNew, bo.unionid], [true, null])
  assert.deepEqual(decisions(server), ['create', 'create'])
})

test('trust: a unionid that arrives late is attached, and one that is left out later is kept', async (t) => {
  const { server, logIn } = await newClouds(t, 'trust')
  const first = await logIn(shop, 'mei', NONE)
  const again = await logIn(shop, 'mei', NONE)
  const late = await logIn(shop, 'mei')
  const omitted = await logIn(shop, 'mei', NONE)
  const unionid = server.wechat.unionid(shop.appId, 'mei')
  assert.deepEqual(
    [first, again, late, omitted].map((login) => login.unionid),
    [null, null, unionid, unionid],
  )
  assert.equal(new Set([first, again, late, omitted].map(({ user }) => user.id)).size, 1)
  assert.deepEqual(decisions(server), ['create', 'sign-in', 'sign-in', 'sign-in'])
})

test('trust: given a unionid known from another app, then the identity is linked to that user', async (t) => {
  const { server, logIn } = await newClouds(t, 'trust')
  const inShop = await logIn(shop, 'mei')
  const inClub = await logIn(club, 'mei')
  assert.deepEqual(inClub.user, { id: inShop.user.id, isNew: false, formerIds: [] })
  await logIn(club, 'mei')
  assert.deepEqual(decisions(server), ['create', 'link', 'sign-in'])
})

test('trust: given one person with two users, then they are unified into the elder and both tokens still work', async (t) => {
  const { server, logIn } = await newClouds(t, 'trust')
  const elder = await logIn(shop, 'mei', NONE)
  const younger = await logIn(club, 'mei')
  assert.notEqual(younger.user.id, elder.user.id)
  const unified = await logIn(shop, 'mei')
  assert.deepEqual(unified.user, { id: elder.user.id, isNew: false, formerIds: [younger.user.id] })
  for (const { accessToken } of [elder, younger]) {
    const me = await server.get('/v1/me', accessToken)
    assert.equal((me.body as { id: string }).id, elder.user.id)
  }
  assert.deepEqual(decisions(server), ['create', 'create', 'unify'])
  assert.equal(server.count('unifications'), 1)
})

test('T14 trust: given another unionid than the user holds, then it is a conflict and nothing changes', async (t) => {
  const { server, logIn } = await newClouds(t, 'trust')
  const mei = await logIn(shop, 'mei')
  const bo = await logIn(club, 'bo')
  const claimed = await logIn(shop, 'mei', { unionid: bo.unionid })
  const unheard = await logIn(shop, 'mei', { unionid: 'oNobodyHasThisUnionid' })
  for (const login of [claimed, unheard]) {
    assert.deepEqual([login.user.id, login.unionid], [mei.user.id, mei.unionid])
  }
  assert.deepEqual(decisions(server), ['create', 'create', 'conflict', 'conflict'])
  assert.deepEqual(
    server.rows('SELECT holder_id FROM conflicts ORDER BY first_seen_at').map((row) => row.holder_id),
    [bo.user.id, null],
  )
})

test('trust: given a pinned identity, then it stays apart until an operator lifts the pin', async (t) => {
  const { server, logIn } = await newClouds(t, 'trust')
  const elder = await logIn(loner, 'mei')
  await logIn(shop, 'mei')
  const unionid = server.wechat.unionid(shop.appId, 'mei')
  await logIn(loner, 'mei', { unionid })
  const [unification] = ((await server.admin('GET', 'unifications')).body as { items: { id: string }[] }).items
  assert.equal((await server.admin('POST', `unifications/${unification?.id}/undo`)).status, 200)
  const apart = await logIn(loner, 'mei', { unionid })
  assert.deepEqual([apart.user.id, apart.unionid], [elder.user.id, null])
  assert.deepEqual(decisions(server), ['create', 'create', 'unify', 'conflict'])
})

/** Everything that a unionid could have changed: who is whose, who is known by what, what happened. */
function state(server: TestServer): unknown {
  const users = server.rows('SELECT id, status, unionid, survivor_id FROM users ORDER BY created_at, id')
  const name = new Map(users.map(({ id }, at) => [id, `user ${at}`]))
  return {
    users: users.map(({ status, unionid, survivor_id }) => ({ status, unionid, survivor_id })),
    identities: server
      .rows('SELECT app_id, openid, user_id FROM identities ORDER BY app_id, openid')
      .map(({ user_id, ...identity }) => ({ ...identity, user: name.get(user_id) })),
    decisions: decisions(server),
    rows: ['conflicts', 'unifications', 'outbox', 'sessions'].map((table) => server.count(table)),
  }
}

test('ignore: a unionid changes nothing, whatever it says and whomever it names', async (t) => {
  const visits: [app: { appId: string }, person: string, unionid: 'own' | 'other' | 'none'][] = [
    [shop, 'mei', 'own'],
    [club, 'mei', 'own'],
    [loner, 'mei', 'other'],
    [shop, 'bo', 'none'],
    [shop, 'bo', 'own'],
    [club, 'bo', 'other'],
    [shop, 'mei', 'other'],
    [club, 'mei', 'none'],
    [club, 'bo', 'own'],
  ]
  const logInAll = async (said: boolean) => {
    const { server, logIn } = await newClouds(t, 'ignore')
    const of = (person: string) => server.wechat.unionid(shop.appId, person)
    for (const [app, person, which] of visits) {
      const unionid = { own: of(person), other: of(person === 'mei' ? 'bo' : 'mei'), none: undefined }[which]
      const login = await logIn(app, person, { unionid: said ? unionid : undefined })
      assert.equal(login.unionid, null)
    }
    return state(server)
  }
  assert.deepEqual(await logInAll(true), await logInAll(false))
})

test('ignore: a unionid learned from a code login stays and is answered', async (t) => {
  const { server, logIn } = await newClouds(t, 'ignore')
  const byCode = await server.logIn(shop, 'mei')
  const byCloud = await logIn(shop, 'mei', { unionid: 'oSomebodyElsesUnionid' })
  assert.deepEqual([byCloud.user.id, byCloud.unionid], [byCode.user.id, byCode.unionid])
  const elsewhere = await logIn(club, 'mei')
  assert.notEqual(elsewhere.user.id, byCode.user.id)
  assert.deepEqual(decisions(server), ['create', 'sign-in', 'create'])
})

for (const [first, second] of [
  ['code', 'cloud function'],
  ['cloud function', 'code'],
] as const) {
  test(`a person who logs in by ${first}, then by ${second} in another app of the owner, is one user`, async (t) => {
    const { server, logIn } = await newClouds(t, 'trust')
    const by = { code: () => server.logIn(shop, 'mei'), 'cloud function': () => logIn(club, 'mei') }
    const before = await by[first]()
    const after = await by[second]()
    assert.deepEqual(after.user, { id: before.user.id, isNew: false, formerIds: [] })
    assert.deepEqual(decisions(server), ['create', 'link'])
    assert.equal(server.count('users'), 1)
    assert.equal((await logIn(shop, 'mei')).user.id, before.user.id, 'and in the same app through both')
  })
}

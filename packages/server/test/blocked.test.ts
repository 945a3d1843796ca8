import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoginReply } from '@hufu/contract'
import { club, loner, MINUTE, newWorld, outcomeOf, problemOf, SECOND, shop, type World } from './world.ts'

const BLOCKED = '403 user_blocked'
const block = (world: World, id: string) => world.admin('POST', `users/${id}/block`)
const liveSessions = (world: World) => world.rows('SELECT 1 FROM sessions WHERE ended IS NULL').length

async function tryToLogIn(world: World, app: { appId: string }, person: string): Promise<string> {
  return outcomeOf(await world.post('/v1/login', { appId: app.appId, code: world.code(app, person) }))
}

const lastDecision = (world: World) => {
  const [row] = world.rows("SELECT outcome, detail FROM audit_events WHERE kind = 'login' ORDER BY seq DESC LIMIT 1")
  return `${row?.outcome} ${JSON.parse(String(row?.detail)).decision}`
}

test('T11 whom WeChat rates as high-risk gets in by no repeat and no other app, and makes no user', async (t) => {
  const world = await newWorld(t)
  const person = world.stranger('blocked')
  const code = world.code(shop, person)
  const first = await world.post('/v1/login', { appId: shop.appId, code })
  assert.deepEqual(problemOf(first), {
    type: '/problems/user_blocked',
    title: 'User blocked',
    status: 403,
    code: 'user_blocked',
    detail: 'WeChat rates this person as high-risk and refuses the login. Do not try again.',
  })
  for (let n = 0; n < 5; n++) {
    assert.equal(outcomeOf(await world.post('/v1/login', { appId: shop.appId, code })), BLOCKED)
    for (const app of [shop, club, loner]) assert.equal(await tryToLogIn(world, app, person), BLOCKED)
  }
  assert.equal(world.count('users'), 0)
  assert.equal(world.count('sessions'), 0)
})

test('T11 a blocked user is refused on every path, with both kinds of token, before and after a restart', async (t) => {
  const world = await newWorld(t)
  const phone = await world.logIn(shop, 'mei')
  const tablet = await world.logIn(club, 'mei')
  const code = world.code(shop, 'mei')
  const unused = await world.post('/v1/login', { appId: shop.appId, code })
  assert.equal(unused.status, 200)
  const blocked = await block(world, phone.user.id)
  assert.equal((blocked.body as { status: string }).status, 'blocked')

  for (const when of ['before', 'after']) {
    if (when === 'after') await world.restart()
    for (const { accessToken: token, refreshToken } of [phone, tablet, unused.body as LoginReply]) {
      const asked = {
        me: await world.ask('GET', '/v1/me', { token }),
        delete: await world.ask('DELETE', '/v1/me', { token }),
        sessions: await world.ask('GET', '/v1/me/sessions', { token }),
        end: await world.ask('DELETE', `/v1/me/sessions/${refreshToken.split('.')[0]}`, { token }),
        logout: await world.post('/v1/logout', undefined, { token }),
        refresh: await world.post('/v1/refresh', { refreshToken }),
        'access token as refresh token': await world.post('/v1/refresh', { refreshToken: token }),
        'refresh token as access token': await world.ask('GET', '/v1/me', { token: refreshToken }),
      }
      for (const [path, reply] of Object.entries(asked)) {
        const expected = path.includes('token as') ? '401 token_invalid' : BLOCKED
        assert.equal(outcomeOf(reply), expected, `${path}, ${when} the restart`)
      }
    }
    for (const app of [shop, club]) assert.equal(await tryToLogIn(world, app, 'mei'), BLOCKED)
    const repeat = await world.post('/v1/login', { appId: shop.appId, code })
    assert.equal(outcomeOf(repeat), '401 code_spent')
  }
  assert.equal(liveSessions(world), 0)
})

test('T11 unblocking lets the person log in again, and brings no old session back', async (t) => {
  const world = await newWorld(t)
  const before = await world.logIn(shop, 'mei')
  await block(world, before.user.id)
  await world.admin('POST', `users/${before.user.id}/unblock`)
  assert.equal(outcomeOf(await world.get('/v1/me', before.accessToken)), '401 token_invalid')
  const { refreshToken } = before
  assert.equal(outcomeOf(await world.post('/v1/refresh', { refreshToken })), '401 token_invalid')
  assert.equal((await world.logIn(shop, 'mei')).user.id, before.user.id)
})

interface Row {
  decision: string
  /** Other apps through which the same person is known to be the same. */
  alsoClosed: { appId: string }[]
  prepare(world: World): Promise<{ block: string; next: { appId: string } }>
}

/** Each row of the decision table, up to the login in which it is met; the user named is blocked just before. */
const ROWS: Record<string, Row> = {
  'known, no unionid': {
    decision: 'sign-in',
    alsoClosed: [],
    async prepare(world) {
      const { user } = await world.logIn(loner, 'mei')
      return { block: user.id, next: loner }
    },
  },
  'a unionid arrives late': {
    decision: 'sign-in',
    alsoClosed: [shop, club],
    async prepare(world) {
      const { user } = await world.logIn(loner, 'mei')
      world.wechat.bind(loner.appId, 'owner')
      return { block: user.id, next: loner }
    },
  },
  'first visit to another app': {
    decision: 'link',
    alsoClosed: [shop],
    async prepare(world) {
      const { user } = await world.logIn(shop, 'mei')
      return { block: user.id, next: club }
    },
  },
  'known both ways': {
    decision: 'sign-in',
    alsoClosed: [club],
    async prepare(world) {
      const { user } = await world.logIn(shop, 'mei')
      return { block: user.id, next: shop }
    },
  },
  'the elder of two halves': {
    decision: 'unify',
    alsoClosed: [shop, club],
    async prepare(world) {
      const { user } = await world.logIn(loner, 'mei')
      world.advance(SECOND)
      await world.logIn(shop, 'mei')
      world.wechat.bind(loner.appId, 'owner')
      return { block: user.id, next: loner }
    },
  },
  'the younger of two halves': {
    decision: 'unify',
    alsoClosed: [shop, club],
    async prepare(world) {
      await world.logIn(loner, 'mei')
      world.advance(SECOND)
      const { user } = await world.logIn(shop, 'mei')
      world.wechat.bind(loner.appId, 'owner')
      return { block: user.id, next: loner }
    },
  },
  'another unionid': {
    decision: 'conflict',
    alsoClosed: [],
    async prepare(world) {
      const { user } = await world.logIn(shop, 'mei')
      world.wechat.bind(shop.appId, 'another-owner')
      return { block: user.id, next: shop }
    },
  },
  'WeChat omits the unionid': {
    decision: 'sign-in',
    alsoClosed: [club],
    async prepare(world) {
      const { user } = await world.logIn(shop, 'mei')
      world.wechat.fault({ fault: 'unionid-missing' })
      return { block: user.id, next: shop }
    },
  },
}

for (const [row, { decision, alsoClosed, prepare }] of Object.entries(ROWS)) {
  test(`T11 blocked, and then: ${row} (${decision}). The decision stands, nobody gets in`, async (t) => {
    const world = await newWorld(t)
    const { block: id, next } = await prepare(world)
    await block(world, id)
    assert.equal(await tryToLogIn(world, next, 'mei'), BLOCKED)
    assert.equal(lastDecision(world), `refused ${decision}`)
    assert.equal(liveSessions(world), 0, 'no ban is shed, and a unification spreads it')
    world.wechat.clearFaults()
    for (const app of alsoClosed) assert.equal(await tryToLogIn(world, app, 'mei'), BLOCKED, app.appId)
  })
}

test('T11 two hundred logins racing with a block leave no live session behind', async (t) => {
  const world = await newWorld(t)
  const { user } = await world.logIn(shop, 'mei')
  const logins = Array.from({ length: 200 }, (_, n) => tryToLogIn(world, n % 2 ? shop : club, 'mei'))
  const [outcomes] = await Promise.all([Promise.all(logins), block(world, user.id)])
  for (const outcome of outcomes) assert.ok(['200', BLOCKED].includes(outcome), outcome)
  assert.equal(liveSessions(world), 0)
  world.advance(MINUTE)
  assert.equal(await tryToLogIn(world, shop, 'mei'), BLOCKED)
})

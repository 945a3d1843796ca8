import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoginReply } from '@hufu/contract'
import { club, loner, news, rival, shop, site } from './fixture/apps.ts'
import { outcomeOf, problemOf } from './fixture/reply.ts'
import { newServer, type TestServer } from './fixture/server.ts'
import { MINUTE, SECOND } from './fixture/time.ts'

const BLOCKED = '403 user_blocked'
const RISK = '403 risk_refused'
const block = (server: TestServer, id: string) => server.admin('POST', `users/${id}/block`)
const liveSessions = (server: TestServer) => server.rows('SELECT 1 FROM sessions WHERE ended IS NULL').length

async function tryToLogIn(server: TestServer, app: { appId: string }, person: string): Promise<string> {
  return outcomeOf(await server.post('/v1/login', { appId: app.appId, code: server.code(app, person) }))
}

const lastDecision = (server: TestServer) => {
  const [row] = server.rows("SELECT outcome, detail FROM audit_events WHERE kind = 'login' ORDER BY seq DESC LIMIT 1")
  return `${row?.outcome} ${JSON.parse(String(row?.detail)).decision}`
}

test('A9 T11 given a person whom WeChat rates as high-risk, then no repeat and no other app lets them in or makes a user', async (t) => {
  const server = await newServer(t)
  const person = server.stranger('blocked')
  const code = server.code(shop, person)
  const first = await server.post('/v1/login', { appId: shop.appId, code })
  assert.deepEqual(problemOf(first), {
    type: '/problems/risk_refused',
    title: 'Refused by WeChat for risk',
    status: 403,
    code: 'risk_refused',
    detail: 'WeChat rates this person as high-risk and refuses the login. Do not try again.',
  })
  for (let n = 0; n < 5; n++) {
    assert.equal(outcomeOf(await server.post('/v1/login', { appId: shop.appId, code })), RISK)
    for (const app of [shop, club, loner]) assert.equal(await tryToLogIn(server, app, person), RISK)
  }
  assert.equal(server.count('users'), 0)
  assert.equal(server.count('sessions'), 0)
})

test('A9 given WeChat’s refusal for risk in every kind of app, then it is never taken for a block of ours', async (t) => {
  const server = await newServer(t)
  const { user } = await server.logIn(shop, 'mei')
  for (const app of [shop, news, site, rival]) {
    assert.equal(await tryToLogIn(server, app, server.stranger('blocked')), RISK, app.kind)
    const [last] = server.rows("SELECT detail FROM audit_events WHERE kind = 'login_refused' ORDER BY seq DESC LIMIT 1")
    assert.equal(last?.detail, '{"code":"risk_refused"}')
  }
  await block(server, user.id)
  assert.equal(await tryToLogIn(server, shop, 'mei'), BLOCKED)
})

test('T11 a blocked user is refused on every path, with both kinds of token, before and after a restart', async (t) => {
  const server = await newServer(t)
  const phone = await server.logIn(shop, 'mei')
  const tablet = await server.logIn(club, 'mei')
  const code = server.code(shop, 'mei')
  const unused = await server.post('/v1/login', { appId: shop.appId, code })
  assert.equal(unused.status, 200)
  const blocked = await block(server, phone.user.id)
  assert.equal((blocked.body as { status: string }).status, 'blocked')

  for (const when of ['before', 'after']) {
    if (when === 'after') await server.restart()
    for (const { accessToken: token, refreshToken } of [phone, tablet, unused.body as LoginReply]) {
      const asked = {
        me: await server.ask('GET', '/v1/me', { token }),
        delete: await server.ask('DELETE', '/v1/me', { token }),
        sessions: await server.ask('GET', '/v1/me/sessions', { token }),
        end: await server.ask('DELETE', `/v1/me/sessions/${refreshToken.split('.')[0]}`, { token }),
        logout: await server.post('/v1/logout', undefined, { token }),
        refresh: await server.post('/v1/refresh', { refreshToken }),
        'access token as refresh token': await server.post('/v1/refresh', { refreshToken: token }),
        'refresh token as access token': await server.ask('GET', '/v1/me', { token: refreshToken }),
      }
      for (const [path, reply] of Object.entries(asked)) {
        const expected = path.includes('token as') ? '401 token_invalid' : BLOCKED
        assert.equal(outcomeOf(reply), expected, `${path}, ${when} the restart`)
      }
    }
    for (const app of [shop, club]) assert.equal(await tryToLogIn(server, app, 'mei'), BLOCKED)
    const repeat = await server.post('/v1/login', { appId: shop.appId, code })
    assert.equal(outcomeOf(repeat), '401 code_spent')
  }
  assert.equal(liveSessions(server), 0)
})

test('T11 unblocking lets the person log in again, and brings no old session back', async (t) => {
  const server = await newServer(t)
  const before = await server.logIn(shop, 'mei')
  await block(server, before.user.id)
  await server.admin('POST', `users/${before.user.id}/unblock`)
  assert.equal(outcomeOf(await server.get('/v1/me', before.accessToken)), '401 token_invalid')
  const { refreshToken } = before
  assert.equal(outcomeOf(await server.post('/v1/refresh', { refreshToken })), '401 token_invalid')
  assert.equal((await server.logIn(shop, 'mei')).user.id, before.user.id)
})

interface Row {
  decision: string
  /** Up to the login in which the row is met; resolves to the user whom an operator blocks just before it. */
  prepare(server: TestServer): Promise<string>
  next: { appId: string }
  /** Other apps through which the same person is known to be the same. */
  alsoClosed: { appId: string }[]
}

/** A user of one login, after which something changes. */
const known =
  (app: { appId: string }, change: (server: TestServer) => void = () => {}) =>
  async (server: TestServer): Promise<string> => {
    const { user } = await server.logIn(app, 'mei')
    change(server)
    return user.id
  }

/** Two users of one person, whom the next login unifies. */
const unifiedNext = (blocked: 'elder' | 'younger') => async (server: TestServer) => {
  const elder = await known(loner)(server)
  server.advance(SECOND)
  const younger = await known(shop)(server)
  server.wechat.bind(loner.appId, 'owner')
  return { elder, younger }[blocked]
}

/** The decision table, row by row. */
const ROWS: Record<string, Row> = {
  'WeChat says no unionid': { decision: 'sign-in', prepare: known(loner), next: loner, alsoClosed: [] },
  'a unionid arrives late': {
    decision: 'sign-in',
    prepare: known(loner, (server) => void server.wechat.bind(loner.appId, 'owner')),
    next: loner,
    alsoClosed: [shop, club],
  },
  'they visit another app for the first time': {
    decision: 'link',
    prepare: known(shop),
    next: club,
    alsoClosed: [shop],
  },
  'openid and unionid are both theirs': { decision: 'sign-in', prepare: known(shop), next: shop, alsoClosed: [club] },
  'they are unified with a younger user': {
    decision: 'unify',
    prepare: unifiedNext('elder'),
    next: loner,
    alsoClosed: [shop, club],
  },
  'they are unified with an elder user': {
    decision: 'unify',
    prepare: unifiedNext('younger'),
    next: loner,
    alsoClosed: [shop, club],
  },
  'WeChat says another unionid': {
    decision: 'conflict',
    prepare: known(shop, (server) => void server.wechat.bind(shop.appId, 'another-owner')),
    next: shop,
    alsoClosed: [],
  },
  'WeChat omits their unionid': {
    decision: 'sign-in',
    prepare: known(shop, (server) => void server.wechat.fault({ fault: 'unionid-missing' })),
    next: shop,
    alsoClosed: [club],
  },
}

for (const [row, { decision, prepare, next, alsoClosed }] of Object.entries(ROWS)) {
  test(`T11 given a blocked user, when ${row}, then the decision is ${decision} and nobody gets in`, async (t) => {
    const server = await newServer(t)
    await block(server, await prepare(server))
    assert.equal(await tryToLogIn(server, next, 'mei'), BLOCKED)
    assert.equal(lastDecision(server), `refused ${decision}`)
    assert.equal(liveSessions(server), 0, 'no ban is shed, and a unification spreads it')
    server.wechat.clearFaults()
    for (const app of alsoClosed) assert.equal(await tryToLogIn(server, app, 'mei'), BLOCKED, app.appId)
  })
}

test('T11 given two hundred logins at the same time as a block, then no live session is left', async (t) => {
  const server = await newServer(t)
  const { user } = await server.logIn(shop, 'mei')
  const logins = Array.from({ length: 200 }, (_, n) => tryToLogIn(server, n % 2 ? shop : club, 'mei'))
  const [outcomes] = await Promise.all([Promise.all(logins), block(server, user.id)])
  for (const outcome of outcomes) assert.ok(['200', BLOCKED].includes(outcome), outcome)
  assert.equal(liveSessions(server), 0)
  server.advance(MINUTE)
  assert.equal(await tryToLogIn(server, shop, 'mei'), BLOCKED)
})

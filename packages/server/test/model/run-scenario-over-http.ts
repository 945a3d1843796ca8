import assert from 'node:assert/strict'
import type { LoginReply, Me } from '@hufu/contract'
import { club, loner, news, rival, shop } from '../fixture/apps.ts'
import { refusalOf } from '../fixture/reply.ts'
import type { TestServer } from '../fixture/server.ts'
import { DAY, MORNING } from '../fixture/time.ts'
import type { Table } from '../stores/store-fixture.ts'
import { compare } from './compare.ts'
import type { Model } from './identity-model.ts'
import { type Login, NO_ACCOUNT, pick, type Scenario, type Step } from './scenario.ts'
import { type State, stateOf } from './state.ts'
import type { Row, StoreFixture } from './store-fixture.ts'
import { conflictName } from './tables.ts'

const APPS = [shop, club, news, loner, rival]
const PEOPLE = ['mei', 'bo'] as const

/** A scenario under way on a whole server. */
interface ServerState {
  server: TestServer
  state: State
  /** By session: its newest tokens. */
  signedIn: Map<string, { access: string; refresh: string; issuedAt: number }>
}

/**
 * Runs a scenario on a whole server: the simulator is WeChat, clients and operators speak HTTP, and after every step the
 * tables must be as the model says. The simulator cannot change the openids of an app, and a login is never stale here.
 */
export async function runScenarioOverHttp(server: TestServer, scenario: Scenario): Promise<void> {
  const run = await begin(server, scenario)
  for (const step of scenario.steps) {
    await apply(run, step)
    run.state.now = server.clock.now()
    await compare(run.state)
  }
}

async function begin(server: TestServer, { accounts }: Scenario): Promise<ServerState> {
  const rows = async (sql: string, ...values: (string | number)[]): Promise<Row[]> => server.rows(sql, ...values)
  const fixture: StoreFixture = {
    store: server.store,
    rows,
    select: async (sql) => server.rows(sql) as Table,
    look: (...asked) => Promise.all(asked.map((one) => rows(...one))),
    restart: () => server.restart(),
    close: () => server.stop(),
  }
  const apps = APPS.map(({ appId }) => appId)
  const state = await stateOf(fixture, {
    apps,
    realms: ['default', 'rival'],
    window: { apps, from: MORNING - DAY, until: MORNING + DAY },
    accounts,
    realmOf: [0, 0, 0, 0, 1],
    now: server.clock.now(),
    seen: { audit: 0, outbox: 0 },
  })
  for (const [app, account] of accounts.entries()) bind(server, app, account)
  return { server, state, signedIn: new Map() }
}

const appAt = (app: number) => pick(APPS, app) ?? shop
const bind = (server: TestServer, app: number, account: number): void =>
  server.wechat.bind(appAt(app).appId, account === NO_ACCOUNT ? null : `account-${account}`)

async function apply(run: ServerState, step: Step): Promise<void> {
  const { server, state } = run
  const { model } = state
  switch (step.do) {
    case 'log-in':
      for (const login of step.logins) await logIn(run, login)
      return
    case 'bind':
      state.accountOf[step.app] = step.account
      return bind(server, step.app, step.account)
    case 'change-openids':
      return
    case 'clock':
      return server.advance(step.by)
    case 'restart':
      return server.restart()
    case 'undo': {
      const which = pick(model.unifications, step.which)
      const path = `unifications/${which && state.unificationIds.get(which)}/undo`
      if (which) assert.equal((await server.admin('POST', path)).status, model.undo(which) === undefined ? 200 : 409)
      return
    }
    case 'resolve': {
      const which = pick([...model.conflicts.values()], step.which)
      const row = state.tables.conflicts.find((one) => conflictName(one) === `${which?.identity} ${which?.unionid}`)
      if (!which) return
      const reply = await server.admin('POST', `conflicts/${row?.id}/resolve`, { decision: step.decision })
      assert.equal(reply.status, 204, reply.text)
      return model.resolveConflict(which, step.decision)
    }
    case 'block':
    case 'unblock':
    case 'delete': {
      const user = pick([...model.users.keys()], step.which)
      if (user === undefined) return
      const [method, path] = step.do === 'delete' ? ['DELETE', ''] : ['POST', `/${step.do}`]
      const reply = await server.admin(method, `users/${user}${path}`)
      assert.equal(reply.status < 300, model[step.do](user), reply.text)
      return
    }
    case 'refresh':
      return refresh(run, pick([...run.signedIn.keys()], step.which))
    case 'log-out': {
      const session = pick([...run.signedIn.keys()], step.which)
      if (session === undefined) return
      const reply = await server.post('/v1/logout', { refreshToken: run.signedIn.get(session)?.refresh })
      assert.equal(reply.status, 204, reply.text)
      model.logOut(session)
      return
    }
    case 'change-realm':
      return changeRealm(run, step.app)
  }
}

async function logIn({ server, state, signedIn }: ServerState, { app, person, silent }: Login): Promise<void> {
  const { model } = state
  const { appId } = appAt(app)
  const name = PEOPLE[person] ?? 'mei'
  const account = silent ? NO_ACCOUNT : (state.accountOf[app] ?? NO_ACCOUNT)
  bind(server, app, account) // WeChat leaves a unionid out as it does for an app that is not bound
  const code = server.wechat.login(appId, name, appId === news.appId ? { scope: 'snsapi_userinfo' } : {})
  const reply = await server.post('/v1/login', { appId, code })
  const unionid = server.wechat.unionid(appId, name)
  const openid = server.wechat.openid(appId, name)
  bind(server, app, state.accountOf[app] ?? NO_ACCOUNT)
  const answer = reply.status === 200 ? (reply.body as LoginReply) : undefined
  const session = answer ? String(claimsOf(answer.accessToken).sid) : ''
  const event = { identity: `${appId} ${openid}`, app: appId, realm: state.realms[state.realmOf[app] ?? 0], unionid }
  const expected = model.logIn({ ...event, now: server.clock.now(), user: answer?.user.id ?? '', session })
  if (!expected.hasSession || !answer)
    return assert.equal(expected.hasSession ? '' : refusalOf(reply), '403 user_blocked')
  assert.deepEqual(
    { ...answer.user, formerIds: answer.user.formerIds.toSorted(), unionid: answer.unionid, openid: answer.openid },
    {
      id: expected.user,
      isNew: expected.decision === 'create',
      formerIds: model.formerIds(expected.user).toSorted(),
      unionid: model.users.get(expected.user)?.unionid ?? null,
      openid: openid,
    },
  )
  signedIn.set(session, { access: answer.accessToken, refresh: answer.refreshToken, issuedAt: server.clock.now() })
  await me({ server, model, access: answer.accessToken, user: expected.user })
}

const claimsOf = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())

/** What `/v1/me` answers the person. */
async function me(asked: { server: TestServer; model: Model; access: string; user: string }): Promise<void> {
  const reply = await asked.server.get('/v1/me', asked.access)
  assert.equal(reply.status, 200, reply.text)
  const answer = reply.body as Me
  assert.equal(answer.id, asked.user)
  assert.deepEqual(
    answer.identities.map(({ appId, openid }) => `${appId} ${openid}`).toSorted(),
    asked.model.identitiesOf(asked.user).toSorted(),
  )
}

async function refresh({ server, state, signedIn }: ServerState, session: string | undefined): Promise<void> {
  const held = session === undefined ? undefined : signedIn.get(session)
  if (session === undefined || !held) return
  const { model } = state
  const reply = await server.post('/v1/refresh', { refreshToken: held.refresh })
  const known = model.sessions.get(session)
  const user = known && model.identities.get(known.identity)?.user
  if (!known?.live || user === undefined) {
    const isBlocked = user !== undefined && model.users.get(user)?.status === 'blocked'
    return assert.equal(refusalOf(reply), isBlocked ? '403 user_blocked' : '401 token_invalid')
  }
  assert.equal(reply.status, 200, reply.text)
  const next = reply.body as LoginReply
  signedIn.set(session, { access: next.accessToken, refresh: next.refreshToken, issuedAt: server.clock.now() })
  assert.equal(claimsOf(next.accessToken).sub, user)
  await me({ server, model, access: next.accessToken, user })
}

async function changeRealm({ server, state }: ServerState, app: number): Promise<void> {
  const { appId } = appAt(app)
  const to = state.realmOf[app] === 1 ? 0 : 1
  const reply = await server.admin('PATCH', `apps/${appId}`, { realm: state.realms[to] })
  const isUsed = [...state.model.identities.values()].some((one) => one.app === appId)
  assert.equal(reply.status, isUsed ? 409 : 200, reply.text)
  if (!isUsed) state.realmOf[app] = to
}

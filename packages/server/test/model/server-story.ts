import assert from 'node:assert/strict'
import type { LoginReply, Me } from '@hufu/contract'
import { club, loner, news, refusalOf, rival, shop, type World } from '../world.ts'
import { compare } from './compare.ts'
import { type Model, newModel } from './identity-model.ts'
import { conflictName, MORNING, pick, type Scene } from './scene.ts'
import type { Stage } from './stage.ts'
import { type Login, NO_ACCOUNT, type Story } from './steps.ts'
import { readTables } from './tables.ts'

/*
 * The same stories, told to a whole server: the simulator is WeChat, phones and operators speak HTTP, and the tables are
 * still held against the model. What the simulator cannot do (change the openids of an app) does not happen here.
 */

const APPS = [shop, club, news, loner, rival]
const PEOPLE = ['mei', 'bo'] as const
const DAY = 86_400_000

interface Told {
  world: World
  scene: Scene
  /** By session: its newest tokens. */
  signedIn: Map<string, { access: string; refresh: string; issuedAt: number }>
}

export async function tellServer(world: World, story: Story): Promise<void> {
  const told = await begin(world, story)
  for (const step of story.steps) {
    await take(told, step)
    told.scene.now = world.clock.now()
    await compare(told.scene)
  }
}

async function begin(world: World, { bound }: Story): Promise<Told> {
  const rows: Stage['rows'] = async (sql, ...values) => world.rows(sql, ...values)
  const stage: Stage = {
    store: world.store,
    rows,
    look: (...asked) => Promise.all(asked.map((one) => rows(...one))),
    restart: () => world.restart(),
    close: () => world.stop(),
  }
  const window = { apps: APPS.map(({ appId }) => appId), from: MORNING - DAY, until: MORNING + DAY }
  const seen = { audit: 0, outbox: 0 }
  const scene: Scene = {
    stage,
    model: newModel(),
    apps: window.apps,
    realms: ['default', 'rival'],
    window,
    bound: [...bound],
    numbering: [],
    realmOf: [0, 0, 0, 0, 1],
    tokens: new Map(),
    unificationIds: new Map(),
    tables: await readTables(stage, window, seen),
    now: world.clock.now(),
    seen,
    requests: 0,
  }
  for (const [app, account] of bound.entries()) bind(world, app, account)
  return { world, scene, signedIn: new Map() }
}

const appAt = (app: number) => pick(APPS, app) ?? shop
const bind = (world: World, app: number, account: number): void =>
  world.wechat.bind(appAt(app).appId, account === NO_ACCOUNT ? null : `account-${account}`)

async function take(told: Told, step: Story['steps'][number]): Promise<void> {
  const { world, scene } = told
  const { model } = scene
  switch (step.do) {
    case 'log-in':
      for (const login of step.logins) await logIn(told, login)
      return
    case 'bind':
      scene.bound[step.app] = step.account
      return bind(world, step.app, step.account)
    case 'renumber':
      return
    case 'clock':
      return world.advance(step.by)
    case 'restart':
      return world.restart()
    case 'undo': {
      const which = pick(model.joins, step.which)
      const path = `unifications/${which && scene.unificationIds.get(which)}/undo`
      if (which) assert.equal((await world.admin('POST', path)).status, model.undo(which) === undefined ? 200 : 409)
      return
    }
    case 'resolve': {
      const which = pick([...model.conflicts.values()], step.which)
      const row = scene.tables.conflicts.find((one) => conflictName(one) === `${which?.identity} ${which?.unionid}`)
      if (!which) return
      const reply = await world.admin('POST', `conflicts/${row?.id}/resolve`, { decision: step.decision })
      assert.equal(reply.status, 204, reply.text)
      return model.resolveConflict(which, step.decision)
    }
    case 'block':
    case 'unblock':
    case 'delete': {
      const user = pick([...model.users.keys()], step.which)
      if (user === undefined) return
      const [method, path] = step.do === 'delete' ? ['DELETE', ''] : ['POST', `/${step.do}`]
      const reply = await world.admin(method, `users/${user}${path}`)
      assert.equal(reply.status < 300, model[step.do](user), reply.text)
      return
    }
    case 'refresh':
      return refresh(told, pick([...told.signedIn.keys()], step.which))
    case 'log-out': {
      const session = pick([...told.signedIn.keys()], step.which)
      if (session === undefined) return
      const reply = await world.post('/v1/logout', { refreshToken: told.signedIn.get(session)?.refresh })
      assert.equal(reply.status, 204, reply.text)
      model.logOut(session)
      return
    }
    case 'change-realm':
      return changeRealm(told, step.app)
  }
}

async function logIn({ world, scene, signedIn }: Told, { app, person, silent }: Login): Promise<void> {
  const { model } = scene
  const { appId } = appAt(app)
  const name = PEOPLE[person] ?? 'mei'
  const account = silent ? NO_ACCOUNT : (scene.bound[app] ?? NO_ACCOUNT)
  bind(world, app, account) // WeChat leaves a unionid out as it does for an app that is not bound
  const code = world.wechat.login(appId, name, appId === news.appId ? { scope: 'snsapi_userinfo' } : {})
  const reply = await world.post('/v1/login', { appId, code })
  const unionid = world.wechat.unionid(appId, name)
  const openid = world.wechat.openid(appId, name)
  bind(world, app, scene.bound[app] ?? NO_ACCOUNT)
  const answer = reply.status === 200 ? (reply.body as LoginReply) : undefined
  const session = answer ? String(claimsOf(answer.accessToken).sid) : ''
  const event = { identity: `${appId} ${openid}`, app: appId, realm: scene.realms[scene.realmOf[app] ?? 0], unionid }
  const due = model.logIn({ ...event, now: world.clock.now(), user: answer?.user.id ?? '', session })
  if (!due.hasSession || !answer) return assert.equal(due.hasSession ? '' : refusalOf(reply), '403 user_blocked')
  assert.deepEqual(
    { ...answer.user, formerIds: answer.user.formerIds.toSorted(), unionid: answer.unionid, openid: answer.openid },
    {
      id: due.user,
      isNew: due.decision === 'create',
      formerIds: model.formerIds(due.user).toSorted(),
      unionid: model.users.get(due.user)?.unionid ?? null,
      openid: openid,
    },
  )
  signedIn.set(session, { access: answer.accessToken, refresh: answer.refreshToken, issuedAt: world.clock.now() })
  await me({ world, model, access: answer.accessToken, user: due.user })
}

const claimsOf = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())

/** What the person is told about themselves. */
async function me(asked: { world: World; model: Model; access: string; user: string }): Promise<void> {
  const reply = await asked.world.get('/v1/me', asked.access)
  assert.equal(reply.status, 200, reply.text)
  const told = reply.body as Me
  assert.equal(told.id, asked.user)
  assert.deepEqual(
    told.identities.map(({ appId, openid }) => `${appId} ${openid}`).toSorted(),
    asked.model.identitiesOf(asked.user).toSorted(),
  )
}

async function refresh({ world, scene, signedIn }: Told, session: string | undefined): Promise<void> {
  const held = session === undefined ? undefined : signedIn.get(session)
  if (session === undefined || !held) return
  const { model } = scene
  const reply = await world.post('/v1/refresh', { refreshToken: held.refresh })
  const known = model.sessions.get(session)
  const user = known && model.homes.get(known.identity)?.user
  if (!known?.live || user === undefined) {
    const isBlocked = user !== undefined && model.users.get(user)?.standing === 'blocked'
    return assert.equal(refusalOf(reply), isBlocked ? '403 user_blocked' : '401 token_invalid')
  }
  assert.equal(reply.status, 200, reply.text)
  const next = reply.body as LoginReply
  signedIn.set(session, { access: next.accessToken, refresh: next.refreshToken, issuedAt: world.clock.now() })
  assert.equal(claimsOf(next.accessToken).sub, user)
  await me({ world, model, access: next.accessToken, user })
}

async function changeRealm({ world, scene }: Told, app: number): Promise<void> {
  const { appId } = appAt(app)
  const to = scene.realmOf[app] === 1 ? 0 : 1
  const reply = await world.admin('PATCH', `apps/${appId}`, { realm: scene.realms[to] })
  const inUse = [...scene.model.homes.values()].some((home) => home.app === appId)
  assert.equal(reply.status, inUse ? 409 : 200, reply.text)
  if (!inUse) scene.realmOf[app] = to
}

import assert from 'node:assert/strict'
import type { UserId } from '../../src/domain/ids.ts'
import { newRefreshFixture, type RefreshFixture } from './refresh-fixture.ts'
import { type Family, isOld, newFamily, present, type Refusal } from './refresh-model.ts'
import type { RefreshStep } from './refresh-scenario.ts'
import type { StoreFixture } from './store-fixture.ts'

interface Client {
  app: 0 | 1
  family: Family
  /** Every token of the family that anybody was answered, in the order in which they were made. */
  tokens: string[]
  /** Places in `tokens`: what the client holds, what it presented last, what was copied from it. */
  held: number
  presented: number
  stolen: number | undefined
}

/** One person, a user in each of two apps until a unionid says so; a user is blocked or is not. */
interface State {
  fixture: RefreshFixture
  apps: readonly [string, string]
  clients: Client[]
  users: [UserId | undefined, UserId | undefined]
  blocked: Set<UserId>
}

/**
 * Proves T18–T21 on one store: holds every answer to a refresh token against the model, and at the end shows that a family
 * that was copied is closed to everybody and that no secret opens another session than its own.
 *
 * @param number which scenario this is on this store: each has a realm and apps of its own
 */
export async function runRefreshScenario(
  store: StoreFixture,
  steps: readonly RefreshStep[],
  number: number,
): Promise<void> {
  const apps = [`wx-p${number}-0`, `wx-p${number}-1`] as const
  const fixture = await newRefreshFixture(store, `refresh-${number}`, apps)
  const state: State = { fixture, apps, clients: [], users: [undefined, undefined], blocked: new Set() }
  for (const step of steps) {
    if (step.do === 'restart') await store.restart()
    else await apply(state, step)
  }
  await checkCopiedFamilies(state)
  await checkSecretsAreBound(state)
}

async function apply(state: State, step: Exclude<RefreshStep, { do: 'restart' }>): Promise<void> {
  const { fixture, clients } = state
  if (step.do === 'clock') return fixture.advance(step.by)
  if (step.do === 'log-in') return logIn(state, step.app, undefined)
  if (step.do === 'unify') {
    await logIn(state, 1, 'u')
    return logIn(state, 0, 'u')
  }
  const client = clients[step.client % Math.max(clients.length, 1)]
  if (client) await applyTo(state, client, step)
}

async function applyTo(state: State, client: Client, step: Extract<RefreshStep, { client: number }>): Promise<void> {
  switch (step.do) {
    case 'refresh':
    case 'drop-answer': {
      client.presented = client.held
      const answered = await refresh(state, client, client.held)
      if (step.do === 'refresh') client.held = answered ?? client.held
      return
    }
    case 'retry':
      client.held = (await refresh(state, client, client.presented)) ?? client.held
      return
    case 'steal':
      client.stolen = client.held
      return
    case 'use-stolen':
      if (client.stolen === undefined) return
      client.stolen = (await refresh(state, client, client.stolen)) ?? client.stolen
      return
    case 'replay':
      await refresh(state, client, Math.max(client.tokens.length - 1 - step.back, 0))
      return
    case 'at-once':
      return refreshAtOnce(state, client, step.count)
    case 'log-out':
      await state.fixture.logOut(client.tokens[client.held] ?? '')
      end(client)
      return
    case 'block':
    case 'unblock':
      return setBlocked(state, userOf(state, client), step.do)
  }
}

const userOf = ({ users }: State, { app }: Client): UserId => users[app] ?? assert.fail('a client without a user')

function end({ family }: Client): void {
  if (family.state === 'live') family.state = 'over'
}

function endSessionsOf(state: State, user: UserId): void {
  for (const client of state.clients) if (userOf(state, client) === user) end(client)
}

async function logIn(state: State, app: 0 | 1, unionid: string | undefined): Promise<void> {
  const { fixture, users, blocked, clients } = state
  const { user, token } = await fixture.logIn({ app: state.apps[app], openid: `o-${app}`, unionid })
  const absorbed = users.filter((before) => before !== undefined && before !== user)
  users[app] = user
  if (unionid !== undefined && app === 0) {
    users[1] = user
    if ([user, ...absorbed].some((one) => one !== undefined && blocked.has(one))) {
      blocked.add(user)
      endSessionsOf(state, user)
    }
  }
  assert.equal(token === undefined, blocked.has(user))
  if (token === undefined) return
  crowdOut(state, app)
  clients.push({ app, family: newFamily(fixture.now()), tokens: [token], held: 0, presented: 0, stolen: undefined })
}

/** Nine sessions of a user in an app stay beside a new one. Their ids sort by time. */
function crowdOut({ fixture, clients }: State, app: 0 | 1): void {
  const now = fixture.now()
  const idOf = ({ tokens }: Client): string => tokens[0]?.split('.')[0] ?? ''
  const live = clients.filter((one) => one.app === app && one.family.state === 'live' && !isOld(one.family, now))
  live.sort((a, b) => (idOf(a) < idOf(b) ? 1 : -1))
  for (const one of live.slice(9)) end(one)
}

async function setBlocked(state: State, user: UserId, how: 'block' | 'unblock'): Promise<void> {
  await state.fixture.setBlocked(user, how)
  if (how === 'unblock') state.blocked.delete(user)
  else {
    state.blocked.add(user)
    endSessionsOf(state, user)
  }
}

/** Presents the token at a place. Returns the place of the one that came back, if one did. */
async function refresh(state: State, client: Client, place: number): Promise<number | undefined> {
  return compare(state, client, place, await state.fixture.refresh(client.tokens[place] ?? ''))
}

type Answer = Awaited<ReturnType<RefreshFixture['refresh']>>

function compare(state: State, client: Client, place: number, answer: Answer): number | undefined {
  const user = userOf(state, client)
  const now = state.fixture.now()
  const expected: number | Refusal = state.blocked.has(user) ? 'user_blocked' : present(client.family, place, now)
  if (typeof expected === 'string') {
    assert.deepEqual(answer, { refused: expected })
    return undefined
  }
  assert.ok('token' in answer, 'refused' in answer ? answer.refused : '')
  assert.equal(answer.user, user)
  // One successor for each generation, and never one that was seen elsewhere.
  if (expected < client.tokens.length) assert.equal(answer.token, client.tokens[expected])
  else {
    assert.ok(state.clients.every(({ tokens }) => !tokens.includes(answer.token)))
    client.tokens.push(answer.token)
  }
  return expected
}

/** However many pages ask at the same time, they get the same. */
async function refreshAtOnce(state: State, client: Client, count: number): Promise<void> {
  const place = client.held
  client.presented = place
  const asked = Array.from({ length: count }, () => state.fixture.refresh(client.tokens[place] ?? ''))
  const answers = await Promise.all(asked)
  // Whoever came first ended a session that was too old; nobody knows who that was.
  const isTooOld = (answer: Answer): boolean => 'refused' in answer && answer.refused === 'token_expired'
  for (const answer of [...answers.filter(isTooOld), ...answers.filter((one) => !isTooOld(one))]) {
    client.held = compare(state, client, place, answer) ?? client.held
  }
}

/** T18: once a copy shows, no token of the family opens anything, whoever holds it. */
async function checkCopiedFamilies(state: State): Promise<void> {
  for (const client of state.clients.filter(({ family }) => family.state === 'exposed')) {
    const refused = state.blocked.has(userOf(state, client)) ? 'user_blocked' : 'refresh_reused'
    for (const token of client.tokens) assert.deepEqual(await state.fixture.refresh(token), { refused })
  }
}

/** T21: the secret of one session opens no other. */
async function checkSecretsAreBound({ fixture, clients }: State): Promise<void> {
  const tokens = clients.slice(-4).map((client) => client.tokens.at(-1)?.split('.') ?? [])
  for (const [session] of tokens) {
    for (const [other, secret] of tokens) {
      if (session !== other) {
        assert.deepEqual(await fixture.refresh(`${session}.${secret}`), { refused: 'token_invalid' })
      }
    }
  }
}

import assert from 'node:assert/strict'
import { createSecretKey, type KeyObject } from 'node:crypto'
import { Secret } from '@hufu/wechat/secret'
import { keyedTokens } from '../../src/adapters/tokens/tokens.ts'
import { ANYBODY, newAct } from '../../src/domain/act.ts'
import type { App } from '../../src/domain/app.ts'
import type { UserId } from '../../src/domain/ids.ts'
import { ProblemError } from '../../src/domain/problem-error.ts'
import { LIFETIMES } from '../../src/domain/session.ts'
import type { Directory } from '../../src/ports/directory.ts'
import { logOutByRefreshToken } from '../../src/usecases/log-out-by-refresh-token.ts'
import { refreshSession } from '../../src/usecases/refresh-session.ts'
import { repeatMemory } from '../../src/usecases/repeat-memory.ts'
import { MORNING } from '../fixture/time.ts'
import { loginFacts, type Visit } from './login-facts.ts'
import { addApp, addRealm } from './state.ts'
import type { StoreFixture } from './store-fixture.ts'

const REFRESH_KEYS = new Map<number, KeyObject>([[1, createSecretKey(Buffer.alloc(32, 3))]])

/** The use cases that give and take refresh tokens, on one store and under a clock of its own. No access token is signed. */
export type RefreshFixture = Awaited<ReturnType<typeof newRefreshFixture>>

/** @param realm one of its own, so that many fixtures share a store */
export async function newRefreshFixture(fixture: StoreFixture, realm: string, appIds: readonly string[]) {
  let now = MORNING
  let requests = 0
  await addRealm(fixture.store, realm, now)
  for (const app of appIds) await addApp(fixture.store, app, realm, now)
  const keyed = keyedTokens(() => ({ signing: [], refresh: REFRESH_KEYS }), {
    issuer: '',
    audience: () => '',
    life: 900,
    test: true,
    algorithm: 'ES256',
  })
  const tokens = { ...keyed, issueAccess: async () => ({ token: '', expiresIn: 900 }) }
  const directory: Directory = {
    app: (id) => appOf(id, realm),
    apps: () => [],
    realms: () => [],
    cloudKey: () => undefined,
    cloudKeys: () => [],
    hasOrigin: () => false,
    refresh: async () => undefined,
  }
  const repeats = repeatMemory()
  const deps = () => ({ ...fixture.store, tokens, repeats, directory, clock: { now: () => now }, lifetimes: LIFETIMES })
  const requestId = (): string => `req ${++requests}`
  const act = () => newAct(ANYBODY, now, requestId())

  return {
    now: () => now,
    advance(by: number) {
      now += by
    },
    /** Whoever is blocked gets no token. */
    async logIn(who: Omit<Visit, 'realm'>): Promise<{ user: UserId; token: string | undefined }> {
      const facts = loginFacts({ ...who, realm }, now, requestId())
      const step = { ...tokens.nextStep(), generation: 0 }
      const outcome = await fixture.store.logins.commit({ ...facts, session: { ...facts.session, step } })
      assert.ok(typeof outcome === 'object')
      const token = outcome.hasSession ? tokens.refreshToken(facts.session.id, step) : undefined
      return { user: outcome.user.id, token }
    },
    /** The next token and whose it is, or why there is none. */
    async refresh(refreshToken: string): Promise<{ token: string; user: UserId } | { refused: string }> {
      try {
        const next = await refreshSession(deps(), { act: act(), refreshToken, clientAddress: undefined })
        return { token: next.refreshToken, user: next.user.id }
      } catch (error) {
        if (error instanceof ProblemError) return { refused: error.code }
        throw error
      }
    },
    logOut: (refreshToken: string) => logOutByRefreshToken(deps(), { act: act(), refreshToken }),
    setBlocked: (userId: UserId, how: 'block' | 'unblock') =>
      fixture.store.users[how]({ act: { actor: 'operator', requestId: requestId(), now }, userId }),
  }
}

const appOf = (id: string, realm: string): App => ({
  id: id as App['id'],
  realmId: realm as App['realmId'],
  kind: 'miniprogram',
  name: id,
  secret: new Secret('AppSecret', ''),
  origins: [],
  createdAt: MORNING,
})

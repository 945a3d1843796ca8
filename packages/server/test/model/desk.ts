import assert from 'node:assert/strict'
import { createSecretKey, type KeyObject } from 'node:crypto'
import { Secret } from '@hufu/wechat/secret'
import { keyedTokens } from '../../src/adapters/tokens/tokens.ts'
import type { App } from '../../src/domain/app.ts'
import type { UserId } from '../../src/domain/ids.ts'
import { ProblemError } from '../../src/domain/problem-error.ts'
import { LIFETIMES } from '../../src/domain/session.ts'
import type { Directory } from '../../src/ports/directory.ts'
import { logOutByRefreshToken } from '../../src/usecases/log-out-by-refresh-token.ts'
import { refreshSession } from '../../src/usecases/refresh-session.ts'
import { loginFacts, type Visit } from './facts.ts'
import { addApp, addRealm, MORNING } from './scene.ts'
import type { Stage } from './stage.ts'

const REFRESH_KEYS = new Map<number, KeyObject>([[1, createSecretKey(Buffer.alloc(32, 3))]])

/** Where refresh tokens are handed out and taken, on one store and under a clock of its own. No access token is signed. */
export type Desk = Awaited<ReturnType<typeof openDesk>>

/** @param name tells one desk on a stage from another */
export async function openDesk(stage: Stage, name: string, appIds: readonly string[]) {
  let now = MORNING
  let requests = 0
  const realm = `desk-${name}`
  await addRealm(stage.store, realm, now)
  for (const app of appIds) await addApp(stage.store, app, realm, now)
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
  const deps = () => ({ ...stage.store, tokens, directory, lifetimes: LIFETIMES })
  const requestId = (): string => `req ${++requests}`
  const act = () => ({ actor: 'person', requestId: requestId(), now })

  return {
    now: () => now,
    advance(by: number) {
      now += by
    },
    /** Somebody comes in; whoever is blocked gets no token. */
    async logIn(who: Omit<Visit, 'realm'>): Promise<{ user: UserId; token: string | undefined }> {
      const facts = loginFacts({ ...who, realm }, now, requestId())
      const step = { ...tokens.nextStep(), generation: 0 }
      const outcome = await stage.store.logins.commit({ ...facts, session: { ...facts.session, step } })
      assert.ok(typeof outcome === 'object')
      const token = outcome.hasSession ? tokens.refreshToken(facts.session.id, step) : undefined
      return { user: outcome.user.id, token }
    },
    /** The next token and whose it is, or why there is none. */
    async refresh(refreshToken: string): Promise<{ token: string; user: UserId } | { refused: string }> {
      try {
        const next = await refreshSession(deps(), { act: act(), refreshToken })
        return { token: next.refreshToken, user: next.user.id }
      } catch (error) {
        if (error instanceof ProblemError) return { refused: error.code }
        throw error
      }
    },
    logOut: (refreshToken: string) => logOutByRefreshToken(deps(), { act: act(), refreshToken }),
    bar: (userId: UserId, how: 'block' | 'unblock') =>
      stage.store.users[how]({ act: { actor: 'operator', requestId: requestId(), now }, userId }),
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

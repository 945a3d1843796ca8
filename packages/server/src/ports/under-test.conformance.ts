import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { AppId, OpenId, UnionId } from '@hufu/wechat/words'
import type { Act } from '../domain/act.ts'
import { newSessionId, newUserId, type RealmId, type UserId } from '../domain/ids.ts'
import { LIFETIMES, type RefreshStep, type Session } from '../domain/session.ts'
import type { LoginFacts, LoginMethod, LoginOutcome } from './logins.ts'
import type { StoredApp } from './registry.ts'
import type { RefreshFacts } from './sessions.ts'
import type { Store } from './store.ts'
import type { UserView } from './users.ts'

/** What a column holds, for those who ask the tables themselves: bytes as hexadecimal digits. */
export type Cell = string | number | null
export type Table = Record<string, Cell>[]

/** A store whose tables can be asked past all of its code. */
export interface StoreUnderTest {
  store: Store
  select(sql: string): Promise<Table>
  close(): Promise<void>
}
export type Open = () => Promise<StoreUnderTest>

/** 2024-08-22T01:14:57Z. */
export const MORNING = 1_724_289_297_000

export const SHOP = 'wx00000000000000a1' as AppId
export const CLUB = 'wx00000000000000a2' as AppId
export const NEWS = 'wx00000000000000b1' as AppId
/** Of another owner, so of another realm. */
export const RIVAL = 'wx00000000000000e1' as AppId
const REALMS: Record<string, RealmId> = { [RIVAL]: 'rival' as RealmId }
export const realmOf = (app: AppId): RealmId => REALMS[app] ?? ('default' as RealmId)

export const open = (id: string): OpenId => id as OpenId
export const union = (id: string): UnionId => id as UnionId

export interface Visit {
  app?: AppId
  openid?: string
  unionid?: string
  /** Text that stands for a code. */
  code?: string
  nonce?: string
  method?: LoginMethod
  sealed?: Uint8Array | undefined
}

export type LoggedIn = LoginOutcome & { facts: LoginFacts; step: RefreshStep }

/** Three apps of one owner and one of another, under a clock that stands still. */
export async function newPlace(t: TestContext, openStore: Open) {
  const { store, select, close } = await openStore()
  t.after(close)
  let time = MORNING
  const act = (): Act => ({ actor: 'operator', requestId: 'req_test', now: time })

  const facts = ({ app = SHOP, openid = 'o_mei', unionid, code, nonce, method, ...given }: Visit = {}): LoginFacts => ({
    act: { actor: `app:${app}`, requestId: 'req_login', now: time },
    appId: app,
    realmId: realmOf(app),
    openid: open(openid),
    unionid: unionid === undefined ? undefined : union(unionid),
    sealedSessionKey: 'sealed' in given ? given.sealed : bytesOf(`sealed for ${openid}`),
    code:
      code === undefined
        ? undefined
        : { hash: bytesOf(code), nonceHash: nonce === undefined ? undefined : bytesOf(nonce) },
    newUserId: newUserId(time),
    session: {
      id: newSessionId(time),
      step: { generation: 0, keyNumber: 1, salt: crypto.getRandomValues(new Uint8Array(16)) },
      idleSince: time - LIFETIMES.idle,
      startedSince: time - LIFETIMES.absolute,
    },
    method: method ?? { name: 'code' },
  })

  const commit = async (given: LoginFacts): Promise<LoggedIn> => {
    const outcome = await store.logins.commit(given)
    if (typeof outcome === 'string') assert.fail(`the login was refused: ${outcome}`)
    return { ...outcome, facts: given, step: given.session.step }
  }

  const refreshFacts = (session: { id: Session['id'] }, presented: RefreshStep): RefreshFacts => ({
    act: { actor: 'person', requestId: 'req_refresh', now: time },
    sessionId: session.id,
    presented,
    next: { keyNumber: 2, salt: crypto.getRandomValues(new Uint8Array(16)) },
    lifetimes: LIFETIMES,
  })

  for (const realm of ['default', 'rival'] as RealmId[]) {
    await store.registry.addRealm({ act: act(), realm: { id: realm, name: realm, createdAt: time } })
  }
  for (const app of [SHOP, CLUB, NEWS, RIVAL]) await store.registry.addApp({ act: act(), app: newApp(app) })

  return {
    store,
    select,
    act,
    facts,
    commit,
    newApp,
    now: () => time,
    /** Lets time pass, or step back. */
    pass(milliseconds: number): void {
      time += milliseconds
    },
    logIn: (visit: Visit = {}): Promise<LoggedIn> => commit(facts(visit)),
    refreshFacts,
    refresh: (session: { id: Session['id'] }, presented: RefreshStep) =>
      store.sessions.refresh(refreshFacts(session, presented)),
    async session(login: LoggedIn): Promise<Session> {
      const found = await store.sessions.find(login.facts.session.id)
      assert.ok(found, 'the session is there')
      return found.session
    },
    async user(id: UserId): Promise<UserView> {
      const found = await store.users.find(id)
      assert.ok(found, 'the user is there')
      return found
    },
    /** One number, asked of the tables. */
    async count(from: string): Promise<number> {
      const [row] = await select(`SELECT COUNT(*) AS n FROM ${from}`)
      return Number(row?.n)
    },
  }
}
export type Place = Awaited<ReturnType<typeof newPlace>>

export function newApp(id: AppId, createdAt = MORNING): StoredApp {
  return {
    id,
    realmId: realmOf(id),
    kind: 'miniprogram',
    name: id,
    secretSealed: `sealed ${id}`,
    origins: [],
    createdAt,
  }
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The same work many times at once. */
export const atOnce = <T>(times: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: times }, (_, index) => work(index)))

/**
 * What must hold of every database at every moment, asked of the tables themselves and not through our code: the
 * invariants I1 to I6 of the identity graph.
 */
export async function checkGraph({ select }: Pick<StoreUnderTest, 'select'>): Promise<void> {
  const none = async (what: string, sql: string): Promise<void> => assert.deepEqual(await select(sql), [], what)
  await none(
    'I1 one user per openid',
    'SELECT app_id, openid FROM identities GROUP BY app_id, openid HAVING COUNT(*) > 1',
  )
  await none(
    'I2 one living user per unionid',
    'SELECT realm_id, unionid FROM users WHERE unionid IS NOT NULL GROUP BY realm_id, unionid HAVING COUNT(*) > 1',
  )
  await none(
    'I3 nobody stands in two realms',
    `SELECT i.app_id, i.openid FROM identities i JOIN users u ON u.id = i.user_id JOIN apps a ON a.id = i.app_id
     WHERE a.realm_id <> u.realm_id`,
  )
  await none(
    'I5 a tombstone points straight at a user who is no tombstone',
    "SELECT t.id FROM users t JOIN users s ON s.id = t.survivor_id WHERE s.status = 'unified' OR t.status <> 'unified'",
  )
  await none(
    'I6 a session belongs to the user of its identity',
    `SELECT s.id FROM sessions s LEFT JOIN identities i ON i.app_id = s.app_id AND i.openid = s.openid
     WHERE i.user_id IS NULL OR i.user_id <> s.user_id`,
  )
  await none(
    'identities belong to the living',
    `SELECT i.app_id, i.openid FROM identities i JOIN users u ON u.id = i.user_id
     WHERE u.status NOT IN ('active', 'blocked')`,
  )
  await none(
    'T11 nobody barred has a live session',
    "SELECT s.id FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.ended IS NULL AND u.status <> 'active'",
  )
}

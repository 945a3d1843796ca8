import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { AppId, OpenId, UnionId } from '@hufu/wechat/words'
import type { Act } from '../../src/domain/act.ts'
import type { AuditKind, OutboxKind } from '../../src/domain/events.ts'
import { newSessionId, newUserId, type RealmId, type UserId } from '../../src/domain/ids.ts'
import { LIFETIMES, type RefreshStep, type Session } from '../../src/domain/session.ts'
import type { LoginFacts, LoginMethod, LoginOutcome } from '../../src/ports/logins.ts'
import type { StoredApp } from '../../src/ports/registry.ts'
import type { RefreshFacts } from '../../src/ports/sessions.ts'
import type { Store } from '../../src/ports/store.ts'
import type { UserView } from '../../src/ports/users.ts'
import { MORNING } from '../fixture/time.ts'

/** What a column holds, for those who ask the tables themselves: bytes as hexadecimal digits. */
export type Cell = string | number | null
export type Table = Record<string, Cell>[]

export interface OpenStore {
  store: Store
  /** What must hold of the database behind it at the end of every test; it throws when it does not. */
  check?(): Promise<void>
  close(): Promise<void>
}

/** A store whose tables can be asked past all of its code. */
export interface OpenTables extends OpenStore {
  select(sql: string): Promise<Table>
}

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
export async function newStoreFixture<Opened extends OpenStore>(t: TestContext, open: () => Promise<Opened>) {
  const opened = await open()
  const { store } = opened
  t.after(opened.close)
  let time = MORNING
  const act = (): Act => ({ actor: 'operator', requestId: 'req_test', now: time })

  const facts = ({ app = SHOP, openid = 'o_mei', unionid, code, nonce, method, ...given }: Visit = {}): LoginFacts => ({
    act: { actor: `app:${app}`, requestId: 'req_login', now: time },
    appId: app,
    realmId: realmOf(app),
    openid: openid as OpenId,
    unionid: unionid as UnionId | undefined,
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
    ...opened,
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
    /** How many audit events of this kind there are. */
    audited: async (kind: AuditKind): Promise<number> =>
      (await store.events.list({ after: undefined, limit: 1000, kind, userId: undefined })).length,
    /** How often the product is told of this, in what was not delivered yet. */
    announced: async (kind: OutboxKind): Promise<number> =>
      (await store.events.claim({ now: time, lapse: 0, limit: 1000 })).filter((event) => event.kind === kind).length,
    /** How many users live. */
    living: async (): Promise<number> => (await store.users.list({ after: undefined, limit: 1000 })).length,
  }
}
export type StoreFixture<Opened extends OpenStore = OpenStore> = Awaited<ReturnType<typeof newStoreFixture<Opened>>>

/** A fixture with a window into the tables. */
export interface TablesFixture extends StoreFixture<OpenTables> {
  /** One number, asked of the tables. */
  count(from: string): Promise<number>
}

export async function newTablesFixture(t: TestContext, open: () => Promise<OpenTables>): Promise<TablesFixture> {
  const fixture = await newStoreFixture(t, open)
  const count = async (from: string): Promise<number> =>
    Number((await fixture.select(`SELECT COUNT(*) AS n FROM ${from}`))[0]?.n)
  return { ...fixture, count }
}

/** Declares a test of every store. */
export interface Described<Fixture> {
  that(sentence: string, work: (fixture: Fixture) => Promise<void>): void
}
export type DescribedStore = Described<StoreFixture>
export type DescribedTables = Described<TablesFixture>

/** Tests of one store: what a port promises is asked through the port alone. */
export const describeStore = (name: string, open: () => Promise<OpenStore>): DescribedStore =>
  describing(name, (t) => newStoreFixture(t, open))

/** Tests of one store that also look into its tables. */
export const describeTables = (name: string, open: () => Promise<OpenTables>): DescribedTables =>
  describing(name, (t) => newTablesFixture(t, open))

const describing = <Fixture extends OpenStore>(
  name: string,
  newFixture: (t: TestContext) => Promise<Fixture>,
): Described<Fixture> => ({
  that(sentence, work) {
    test(`${name}: ${sentence}`, async (t) => {
      const fixture = await newFixture(t)
      await work(fixture)
      await fixture.check?.()
    })
  },
})

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

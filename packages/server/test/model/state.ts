import { appId } from '@hufu/wechat/words'
import type { Act } from '../../src/domain/act.ts'
import type { RealmId } from '../../src/domain/ids.ts'
import type { RefreshStep } from '../../src/domain/session.ts'
import type { Store } from '../../src/ports/store.ts'
import { DAY, MORNING } from '../fixture/time.ts'
import { type Model, newModel, type Unification } from './identity-model.ts'
import { APPS, type Scenario } from './scenario.ts'
import type { StoreFixture } from './store-fixture.ts'
import { readTables, type Tables, type Window } from './tables.ts'

/** A scenario under way: the store it runs on beside the model that says what must come out, and where both stand. */
export interface State {
  readonly fixture: StoreFixture
  readonly model: Model
  readonly apps: readonly string[]
  readonly realms: readonly [string, string]
  readonly window: Window
  /** By app: its account, how often its openids changed, in which of the two realms it stands. */
  readonly accountOf: number[]
  readonly openidsOf: number[]
  readonly realmOf: (0 | 1)[]
  /** By session: the step of its newest token, and the id its user bore at the login. */
  readonly tokens: Map<string, { step: RefreshStep; issuedTo: string }>
  /** The store's ids of what the model calls by reference. */
  readonly unificationIds: Map<Unification, string>
  /** As they were when they were last read. */
  tables: Tables
  now: number
  /** The last row of each that was read. */
  seen: { audit: number; outbox: number }
  requests: number
}

/** Between two scenarios, so that no id of one looks like an id of another. */
const SPACING = 8 * DAY

/** @param number which scenario this is on this store: each has apps, realms and a time of its own */
export async function newState(
  fixture: StoreFixture,
  { accounts }: Pick<Scenario, 'accounts'>,
  number: number,
): Promise<State> {
  const now = MORNING + number * SPACING
  const realms = [`one-${number}`, `two-${number}`] as const
  const apps = Array.from({ length: APPS }, (_, app) => `wx${number}-${app}`)
  // The last app stands in the other realm, though perhaps bound to the same account: equal unionids must not meet.
  const realmOf = apps.map((_, app): 0 | 1 => (app === APPS - 1 ? 1 : 0))
  for (const realm of realms) await addRealm(fixture.store, realm, now)
  for (const [app, id] of apps.entries()) await addApp(fixture.store, id, realms[realmOf[app] ?? 0], now)
  const seen = { audit: await lastOf(fixture, 'audit_events'), outbox: await lastOf(fixture, 'outbox') }
  const window = { apps, from: now - SPACING / 2, until: now + SPACING / 2 }
  return stateOf(fixture, { apps, realms, window, accounts, realmOf, now, seen })
}

type Given = Pick<State, 'apps' | 'realms' | 'window' | 'realmOf' | 'now' | 'seen'> & Pick<Scenario, 'accounts'>

/** The state before the first step, on a store where the apps and realms are there and nobody has logged in. */
export async function stateOf(fixture: StoreFixture, { accounts, ...given }: Given): Promise<State> {
  return {
    ...given,
    fixture,
    model: newModel(),
    accountOf: [...accounts],
    openidsOf: given.apps.map(() => 0),
    tokens: new Map(),
    unificationIds: new Map(),
    tables: await readTables(fixture, given.window, given.seen),
    requests: 0,
  }
}

const setUp = (now: number): Act => ({ actor: 'operator', requestId: 'set-up', now })

export async function addRealm({ registry }: Store, id: string, now: number): Promise<void> {
  await registry.addRealm({ act: setUp(now), realm: { id: id as RealmId, name: id, createdAt: now } })
}

export async function addApp({ registry }: Store, id: string, realm: string, now: number): Promise<void> {
  await registry.addApp({
    act: setUp(now),
    app: {
      id: appId(id),
      realmId: realm as RealmId,
      kind: 'miniprogram',
      name: id,
      secretSealed: '',
      origins: [],
      createdAt: now,
    },
  })
}

async function lastOf(fixture: StoreFixture, table: 'audit_events' | 'outbox'): Promise<number> {
  const [found] = await fixture.rows(`SELECT COALESCE(MAX(seq), 0) AS last FROM ${table}`)
  return Number(found?.last)
}

/** Who does the next thing, in a request of its own. */
export const nextAct = (state: State, actor = 'operator'): Act => ({
  actor,
  requestId: `req ${++state.requests}`,
  now: state.now,
})

import { appId } from '@hufu/wechat/words'
import type { Act } from '../../src/domain/act.ts'
import type { RealmId } from '../../src/domain/ids.ts'
import type { RefreshStep as TokenStep } from '../../src/domain/session.ts'
import { DAY } from '../../src/domain/time.ts'
import type { Store } from '../../src/ports/store.ts'
import { type Join, type Model, newModel } from './identity-model.ts'
import type { Stage } from './stage.ts'
import { APPS, type Story } from './steps.ts'
import { readTables, type Tables, type Window } from './tables.ts'

/** Everything a story needs to be told on a stage, beside the model that says how it should go. */
export interface Scene {
  readonly stage: Stage
  readonly model: Model
  readonly apps: readonly string[]
  readonly realms: readonly [string, string]
  readonly window: Window
  /** By app: its account, how often its openids changed, in which of the two realms it stands. */
  readonly bound: number[]
  readonly numbering: number[]
  readonly realmOf: (0 | 1)[]
  /** By session: the step of its newest token, and the id its user bore at the login. */
  readonly tokens: Map<string, { step: TokenStep; issuedTo: string }>
  /** Ids of ours by what the model knows. */
  readonly unificationIds: Map<Join, string>
  /** As they were when they were last looked at. */
  tables: Tables
  now: number
  /** The last row of each that was looked at. */
  seen: { audit: number; outbox: number }
  requests: number
}

export const MORNING = 1_724_289_297_000
/** Between two stories, so that no id of one looks like an id of another. */
const SPACING = 8 * DAY

/** @param number which story this is on this stage: each has apps, realms and a time of its own */
export async function setScene(stage: Stage, { bound }: Pick<Story, 'bound'>, number: number): Promise<Scene> {
  const now = MORNING + number * SPACING
  const realms = [`one-${number}`, `two-${number}`] as const
  const apps = Array.from({ length: APPS }, (_, app) => `wx${number}-${app}`)
  // The last app stands in the other realm, though perhaps bound to the same account: equal unionids must not meet.
  const realmOf = apps.map((_, app): 0 | 1 => (app === APPS - 1 ? 1 : 0))
  for (const realm of realms) await addRealm(stage.store, realm, now)
  for (const [app, id] of apps.entries()) await addApp(stage.store, id, realms[realmOf[app] ?? 0], now)
  const window = { apps, from: now - SPACING / 2, until: now + SPACING / 2 }
  const seen = { audit: await lastOf(stage, 'audit_events'), outbox: await lastOf(stage, 'outbox') }
  return {
    stage,
    model: newModel(),
    apps,
    realms,
    window,
    bound: [...bound],
    numbering: apps.map(() => 0),
    realmOf,
    tokens: new Map(),
    unificationIds: new Map(),
    tables: await readTables(stage, window, seen),
    now,
    seen,
    requests: 0,
  }
}

const operator = (now: number): Act => ({ actor: 'operator', requestId: 'scene', now })

export async function addRealm({ registry }: Store, id: string, now: number): Promise<void> {
  await registry.addRealm({ act: operator(now), realm: { id: id as RealmId, name: id, createdAt: now } })
}

export async function addApp({ registry }: Store, id: string, realm: string, now: number): Promise<void> {
  await registry.addApp({
    act: operator(now),
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

async function lastOf(stage: Stage, table: 'audit_events' | 'outbox'): Promise<number> {
  const [found] = await stage.rows(`SELECT COALESCE(MAX(seq), 0) AS last FROM ${table}`)
  return Number(found?.last)
}

/** Who does the next thing, in a request of its own. */
export const actOf = (scene: Scene, actor = 'operator'): Act => ({
  actor,
  requestId: `req ${++scene.requests}`,
  now: scene.now,
})

/** The one that a number picks out of what there is. */
export const pick = <T>(from: readonly T[], which: number): T | undefined => from[which % from.length]

/** A conflict by its (app, openid, unionid), in the model's spelling. */
export const conflictName = (row: Record<string, unknown>): string => `${row.app_id} ${row.openid} ${row.unionid}`

import type { Clock } from './clock.ts'
import { createIds, type Ids } from './ids.ts'
import { SimulatorError } from './simulator-error.ts'

export const appKinds = ['miniprogram', 'official-account', 'website', 'mobile'] as const
export type AppKind = (typeof appKinds)[number]
export const risks = ['normal', 'blocked'] as const
/** `blocked`: WeChat rates this person high-risk and refuses their login with 40226. */
export type Risk = (typeof risks)[number]

export type AppInput = {
  appId: string
  kind: AppKind
  secret: string
  /** The Open Platform account (开放平台账号) that the app is bound to; unbound apps have no unionid. */
  openAccount?: string | null | undefined
  /** An administrator froze the secret: every use of it is answered with 40243. */
  frozen?: boolean | undefined
}
export type PersonInput = { name: string; phone?: string | undefined; risk?: Risk | undefined }

export type App = {
  readonly id: string
  readonly kind: AppKind
  secret: string
  frozen: boolean
  openAccount: string | null
  readonly visits: Map<string, Visit>
}
export type Person = { readonly name: string; phone: string; risk: Risk }

/** One person in one app: what WeChat remembers about the two together. */
export type Visit = {
  readonly app: App
  readonly person: Person
  readonly openId: string
  unionId: string
  /** The Open Platform account that `unionId` was derived for. */
  unionIdFrom: string | null
  codes: number
  sessionKey: string
  sessionKeys: number
  rotatedAt: number
  keyExpiresAt: number
  payloads: number
  minute: number
  callsInMinute: number
}

export type Code = {
  readonly visit: Visit
  readonly kind: 'login' | 'oauth' | 'phone'
  readonly expiresAt: number
  readonly scope: string
  readonly snapshot: boolean
  used: boolean
}

export type Settings = {
  /** Takes `hufu-dev:<person>` and the mock codes of WeChat DevTools as codes of any mini program. */
  devCodes: boolean
  /** A session_key younger than this survives another `wx.login`. */
  minRotateSeconds: number
  /** Life of a session_key after the last code acquisition. WeChat keeps the true figure secret. */
  sessionKeySeconds: number
  /** code2Session calls per person and app in one minute before 45011; 0 for no limit. */
  callsPerMinute: number
}

export type World = {
  readonly clock: Clock
  readonly ids: Ids
  readonly settings: Settings
  readonly apps: Map<string, App>
  readonly people: Map<string, Person>
  /** In the order of issue, so that the oldest can be swept from the front. */
  readonly codes: Map<string, Code>
}

export function createWorld(seed: string, clock: Clock, settings: Settings): World {
  return { clock, ids: createIds(seed), settings, apps: new Map(), people: new Map(), codes: new Map() }
}

/** Registers an app, or changes one: a new secret, another Open Platform account, a frozen secret. */
export function addApp(world: World, { appId, kind, secret, openAccount, frozen }: AppInput): App {
  if (!/^[\w-]{1,64}$/.test(appId)) throw invalid('appId must be 1 to 64 letters, digits, "_" or "-".')
  if (secret === '') throw invalid('secret must not be empty.')
  if (typeof openAccount === 'string') checkName('openAccount', openAccount)
  const known = world.apps.get(appId)
  if (known === undefined) {
    const app = {
      id: appId,
      kind,
      secret,
      frozen: frozen ?? false,
      openAccount: openAccount ?? null,
      visits: new Map(),
    }
    world.apps.set(appId, app)
    return app
  }
  if (known.kind !== kind) throw invalid(`${appId} is a ${known.kind} and cannot become a ${kind}.`)
  known.secret = secret
  if (frozen !== undefined) known.frozen = frozen
  if (openAccount !== undefined) known.openAccount = openAccount
  return known
}

/** Makes a person, or changes one: the fields that are given replace the old ones. */
export function addPerson(world: World, { name, phone, risk }: PersonInput): Person {
  checkName('name', name)
  if (phone !== undefined && !/^\d{5,20}$/.test(phone)) throw invalid('phone must be 5 to 20 digits.')
  const known = world.people.get(name)
  if (known === undefined) {
    const person = { name, phone: phone ?? world.ids.phone(name), risk: risk ?? 'normal' }
    world.people.set(name, person)
    return person
  }
  if (phone !== undefined) known.phone = phone
  if (risk !== undefined) known.risk = risk
  return known
}

export function appOf(world: World, appId: string): App {
  const app = world.apps.get(appId)
  if (app === undefined) throw new SimulatorError('not_found', `No app ${JSON.stringify(appId)}: add it first.`)
  return app
}

export function personOf(world: World, name: string): Person {
  const person = world.people.get(name)
  if (person === undefined) throw new SimulatorError('not_found', `No person ${JSON.stringify(name)}: add them first.`)
  return person
}

export function visitOf(world: World, app: App, person: Person): Visit {
  const known = app.visits.get(person.name)
  if (known !== undefined) return known
  const visit: Visit = {
    app,
    person,
    openId: world.ids.openId(app.id, person.name),
    unionId: '',
    unionIdFrom: null,
    codes: 0,
    sessionKey: '',
    sessionKeys: 0,
    rotatedAt: 0,
    keyExpiresAt: 0,
    payloads: 0,
    minute: 0,
    callsInMinute: 0,
  }
  app.visits.set(person.name, visit)
  return visit
}

/** The unionid under the app's present binding; nothing while the app is not bound. */
export function unionIdOf(world: World, visit: Visit): string | undefined {
  const { openAccount } = visit.app
  if (openAccount === null) return undefined
  if (visit.unionIdFrom !== openAccount) {
    visit.unionId = world.ids.unionId(openAccount, visit.person.name)
    visit.unionIdFrom = openAccount
  }
  return visit.unionId
}

/** Binds an app to an Open Platform account, moves it to another, or (null) takes it out. openids stay. */
export function bind(world: World, appId: string, openAccount: string | null): void {
  if (openAccount !== null) checkName('openAccount', openAccount)
  appOf(world, appId).openAccount = openAccount
}

const invalid = (message: string) => new SimulatorError('invalid_request', message)

export const isName = (text: string): boolean => /^[^\p{Cc}\p{Cs}]{1,64}$/u.test(text)

function checkName(field: string, text: string): void {
  if (!isName(text)) throw invalid(`${field} must be 1 to 64 characters, none of them a control character.`)
}

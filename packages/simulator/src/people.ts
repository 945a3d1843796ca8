import { SimulatorError } from './simulator-error.ts'
import type { App, AppInput, Person, PersonInput, Visit, World } from './world.ts'

/** Registers an app, or changes one: a new secret, another Open Platform account, a frozen secret. */
export function addApp(world: World, { appId, kind, secret, openAccount, frozen }: AppInput): App {
  if (!/^[\w-]{1,64}$/.test(appId)) throw invalid('appId must be 1 to 64 letters, digits, "_" or "-".')
  if (secret === '') throw invalid('secret must not be empty.')
  if (typeof openAccount === 'string') checkName('openAccount', openAccount)
  const known = world.apps.get(appId)
  if (known === undefined) {
    const app: App = {
      id: appId,
      kind,
      secret,
      frozen: frozen ?? false,
      openAccount: openAccount ?? null,
      visits: new Map(),
      openids: new Map(),
      tokens: { forcedAt: [] },
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
    openid: world.ids.openid(app.id, person.name),
    unionid: '',
    unionidFrom: null,
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
  app.openids.set(visit.openid, visit)
  return visit
}

/** The unionid under the app's present binding; nothing while the app is not bound. */
export function unionidOf(world: World, visit: Visit): string | undefined {
  const { openAccount } = visit.app
  if (openAccount === null) return undefined
  if (visit.unionidFrom !== openAccount) {
    visit.unionid = world.ids.unionid(openAccount, visit.person.name)
    visit.unionidFrom = openAccount
  }
  return visit.unionid
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

import { appKinds, type Scope } from './app-kinds.ts'
import { addPerson, appOf, isName, personOf, visitOf } from './people.ts'
import { renewSessionKey } from './session-keys.ts'
import { SimulatorError } from './simulator-error.ts'
import type { App, Code, Visit, World } from './world.ts'

/** How a code is asked for. */
export type LoginOptions = {
  /** OAuth kinds only: `snsapi_base` or `snsapi_userinfo` for an official account; a website has `snsapi_login`. */
  scope?: Scope | undefined
  /** Official accounts only: the page was opened in snapshot mode, so the ids in the answer are a virtual account's. */
  snapshot?: boolean | undefined
}

/** The person behind the mock codes of WeChat DevTools. */
export const mockPerson = 'devtools'
const mockCodes = ['the code is a mock one', 'this code is a mock one']
const devPrefix = 'hufu-dev:'

/** What `wx.login`, or the OAuth page, hands to an app: a code for its server. Renews the session_key when it is due. */
export function logIn(world: World, appId: string, person: string, { scope, snapshot }: LoginOptions = {}): string {
  const app = appOf(world, appId)
  const rules = appKinds[app.kind]
  if (scope !== undefined && !rules.scopes.includes(scope)) {
    throw invalid(`A ${app.kind} cannot ask for the scope ${scope}.`)
  }
  if (snapshot === true && !rules.hasSnapshots) throw invalid('Only an official account has snapshot pages.')
  const visit = visitOf(world, app, personOf(world, person))
  if (rules.codes === 'login') renewSessionKey(world, visit)
  return issue(world, world.ids.code(app.id, person, ++visit.codes), {
    visit,
    kind: rules.codes,
    expiresAt: world.clock.now() + rules.codeSeconds * 1000,
    scope: scope ?? rules.scopes[0] ?? '',
    snapshot: snapshot ?? false,
    used: false,
  })
}

/** What the phone-number button of a mini program hands over: a code of its own kind, five minutes, once. */
export function phoneCode(world: World, appId: string, person: string): string {
  const app = appOf(world, appId)
  if (appKinds[app.kind].codes !== 'login') throw invalid('Only a mini program has a phone-number button.')
  const visit = visitOf(world, app, personOf(world, person))
  return issue(world, world.ids.phoneCode(app.id, person, ++visit.codes), {
    visit,
    kind: 'phone',
    expiresAt: world.clock.now() + 300_000,
    scope: '',
    snapshot: false,
    used: false,
  })
}

/** The code as the app may use it: of its own, of the right kind, younger than its life; used or not. */
export function findCode(world: World, app: App, kind: Code['kind'], text: string): Code | undefined {
  const code = world.codes.get(text) ?? (kind === 'login' ? devCode(world, app, text) : undefined)
  if (code === undefined || code.visit.app !== app || code.kind !== kind) return undefined
  return world.clock.now() < code.expiresAt ? code : undefined
}

/** A development code is fresh at every use: the person is made on first sight, and no use spends it. */
function devCode(world: World, app: App, text: string): Code | undefined {
  if (!world.settings.devCodes || appKinds[app.kind].codes !== 'login') return undefined
  const name = mockCodes.includes(text) ? mockPerson : text.startsWith(devPrefix) ? text.slice(devPrefix.length) : ''
  if (!isName(name)) return undefined
  const visit: Visit = visitOf(world, app, world.people.get(name) ?? addPerson(world, { name }))
  renewSessionKey(world, visit)
  return { visit, kind: 'login', expiresAt: Number.POSITIVE_INFINITY, scope: '', snapshot: false, used: false }
}

function issue(world: World, text: string, code: Code): string {
  const now = world.clock.now()
  for (const [old, { expiresAt }] of world.codes) {
    if (expiresAt > now) break // an expired code and an unknown one are answered alike, so it can be forgotten
    world.codes.delete(old)
  }
  world.codes.set(text, code)
  return text
}

const invalid = (message: string) => new SimulatorError('invalid_request', message)

import { type AppId, appId } from '@hufu/wechat/words'
import { APP_KINDS, type App, isAppKind, type Realm } from '../domain/app.ts'
import { isRealmId, type RealmId } from '../domain/ids.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { Directory } from '../ports/directory.ts'
import type { AppChange, Registry } from '../ports/registry.ts'
import type { SealAppSecret } from '../ports/vault.ts'

export interface SetupDeps {
  registry: Registry
  directory: Directory
  clock: Clock
  sealAppSecret: SealAppSecret
}

export interface AppInput {
  appId: string
  /** Without one, people come in by method two only. */
  secret?: string | undefined
  realm?: string | undefined
  kind?: string | undefined
  name?: string | undefined
  origins?: string[] | undefined
}

/** @throws {ProblemError} `invalid_request`, `already_exists` */
export async function addRealm(
  { registry, directory, clock }: SetupDeps,
  input: { id: string; name: string | undefined; requestId: string },
): Promise<Realm> {
  const now = clock.now()
  const realm = { id: readRealmId(input.id), name: input.name ?? input.id, createdAt: now }
  const act = { actor: 'operator', requestId: input.requestId, now }
  if ((await registry.addRealm({ act, realm })) === 'exists') {
    throw new ProblemError('already_exists', 'There is a realm of this id.')
  }
  await directory.refresh()
  return realm
}

/** The secret goes in and never comes out. @throws {ProblemError} `invalid_request`, `already_exists`, `not_found` */
export async function addApp(deps: SetupDeps, input: AppInput & { requestId: string }): Promise<App> {
  const now = deps.clock.now()
  const id = readAppId(input.appId)
  const app = {
    id,
    realmId: readRealmId(input.realm ?? 'default'),
    kind: readKind(input.kind ?? 'miniprogram'),
    name: input.name ?? id,
    secretSealed: deps.sealAppSecret(id, input.secret === undefined ? '' : readSecret(input.secret)),
    origins: (input.origins ?? []).map(readOrigin),
    createdAt: now,
  }
  const added = await deps.registry.addApp({ act: { actor: 'operator', requestId: input.requestId, now }, app })
  if (added === 'exists') throw new ProblemError('already_exists', 'This app is here already. Change it instead.')
  if (added === 'realm_unknown') throw noRealm()
  return refreshed(deps, id)
}

/** @throws {ProblemError} `invalid_request`, `app_unknown`, `not_found`, `already_exists` (it has users of its realm) */
export async function changeApp(
  deps: SetupDeps,
  input: Partial<AppInput> & { appId: string; requestId: string },
): Promise<App> {
  const id = readAppId(input.appId)
  const change: AppChange = {
    ...(input.realm === undefined ? {} : { realmId: readRealmId(input.realm) }),
    ...(input.kind === undefined ? {} : { kind: readKind(input.kind) }),
    ...(input.name === undefined ? {} : { name: input.name }),
    ...(input.secret === undefined ? {} : { secretSealed: deps.sealAppSecret(id, readSecret(input.secret)) }),
    ...(input.origins === undefined ? {} : { origins: input.origins.map(readOrigin) }),
  }
  const act = { actor: 'operator', requestId: input.requestId, now: deps.clock.now() }
  const changed = await deps.registry.changeApp({ act, appId: id, change })
  if (changed === 'unknown') throw noApp()
  if (changed === 'realm_unknown') throw noRealm()
  if (changed === 'has_identities') {
    throw new ProblemError('already_exists', 'This app has users in its realm, so it stays there.')
  }
  return refreshed(deps, id)
}

/** Adds an app, or brings the one that is there to what is given. Throws as adding and changing do. */
export async function putApp(deps: SetupDeps, input: AppInput & { requestId: string }): Promise<App> {
  return deps.directory.app(input.appId) ? changeApp(deps, input) : addApp(deps, input)
}

/** @throws {ProblemError} `app_unknown`, `already_exists` (it has users) */
export async function removeApp(deps: SetupDeps, input: { appId: string; requestId: string }): Promise<void> {
  const act = { actor: 'operator', requestId: input.requestId, now: deps.clock.now() }
  const removed = await deps.registry.removeApp({ act, appId: readAppId(input.appId) })
  if (removed === 'unknown') throw noApp()
  if (removed === 'has_identities') {
    throw new ProblemError('already_exists', 'This app has users; removing it would lose who they are.')
  }
  await deps.directory.refresh()
}

async function refreshed({ directory }: SetupDeps, id: AppId): Promise<App> {
  await directory.refresh()
  const app = directory.app(id)
  if (!app) throw noApp()
  return app
}

export function readAppId(raw: string): AppId {
  try {
    return appId(raw)
  } catch {
    throw new ProblemError(
      'invalid_request',
      'Wrong: appId (letters, digits, - and _; WeChat shows it as wx and 16 characters).',
    )
  }
}

function readRealmId(raw: string): RealmId {
  if (isRealmId(raw)) return raw
  throw new ProblemError('invalid_request', 'Wrong: realm (1 to 64 of a-z, 0-9 and -).')
}

function readKind(raw: string): App['kind'] {
  if (isAppKind(raw)) return raw
  throw new ProblemError('invalid_request', `Wrong: kind (${APP_KINDS.join(', ')}).`)
}

function readSecret(raw: string): string {
  if (/^[\w-]{8,128}$/.test(raw)) return raw
  throw new ProblemError(
    'invalid_request',
    'Wrong: secret (the AppSecret as mp.weixin.qq.com shows it, 32 characters).',
  )
}

function readOrigin(raw: string): string {
  const origin = URL.parse(raw)?.origin
  if (origin === raw && /^https?:/.test(raw)) return raw
  throw new ProblemError('invalid_request', 'Wrong: origins (each like https://shop.example, without a path).')
}

const noApp = (): ProblemError => new ProblemError('app_unknown', 'There is no such app.')
const noRealm = (): ProblemError => new ProblemError('not_found', 'There is no such realm. Add it first.')

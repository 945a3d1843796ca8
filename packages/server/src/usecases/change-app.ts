import type { Act } from '../domain/act.ts'
import type { App } from '../domain/app.ts'
import { readAppId, readAppKind, readAppSecret, readOrigin, readRealmId } from '../domain/app-fields.ts'
import { noSuchApp, noSuchRealm } from '../domain/no-such.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { StoredAppChange } from '../ports/registry.ts'
import type { AddAppDeps, AppInput } from './add-app.ts'
import { appFromRegistry } from './app-from-registry.ts'

/**
 * Changes what is given and leaves the rest.
 *
 * @throws {ProblemError} `invalid_request`, `app_unknown`, `not_found`, `already_exists` (it has users of its realm)
 */
export async function changeApp(deps: AddAppDeps, { act, ...input }: AppInput & { act: Act }): Promise<App> {
  const appId = readAppId(input.appId)
  const change: StoredAppChange = {
    ...(input.realm === undefined ? {} : { realmId: readRealmId(input.realm) }),
    ...(input.kind === undefined ? {} : { kind: readAppKind(input.kind) }),
    ...(input.name === undefined ? {} : { name: input.name }),
    ...(input.secret === undefined ? {} : { secretSealed: deps.sealAppSecret(appId, readAppSecret(input.secret)) }),
    ...(input.origins === undefined ? {} : { origins: input.origins.map(readOrigin) }),
  }
  const changed = await deps.registry.changeApp({ act, appId, change })
  if (changed === 'unknown') throw noSuchApp()
  if (changed === 'realm_unknown') throw noSuchRealm()
  if (changed === 'has_identities') {
    throw new ProblemError('already_exists', 'This app has users in its realm, so it stays there.')
  }
  return appFromRegistry(deps, appId)
}

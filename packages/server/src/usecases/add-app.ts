import type { Act } from '../domain/act.ts'
import type { App } from '../domain/app.ts'
import {
  type AppFieldRules,
  readAppKind,
  readAppSecret,
  readNewAppId,
  readOrigin,
  readRealmId,
} from '../domain/app-fields.ts'
import { masterKeyReplaced } from '../domain/master-key-replaced.ts'
import { noSuchRealm } from '../domain/no-such.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Registry } from '../ports/registry.ts'
import type { SealAppSecret } from '../ports/vault.ts'
import { type AppFromRegistryDeps, appFromRegistry } from './app-from-registry.ts'

export interface AddAppDeps extends AppFromRegistryDeps, AppFieldRules {
  registry: Registry
  sealAppSecret: SealAppSecret
}

/** What an operator says of an app. */
export interface AppInput {
  appId: string
  /** Without one nobody signs in by a code; cloud functions and Cloud Run need none. */
  secret?: string | undefined
  /** `default` for a new app. */
  realm?: string | undefined
  /** `miniprogram` for a new app. */
  kind?: string | undefined
  /** The AppID for a new app. */
  name?: string | undefined
  origins?: string[] | undefined
}

/** The secret goes in and never comes out. @throws {ProblemError} `invalid_request`, `already_exists`, `not_found` */
export async function addApp(deps: AddAppDeps, { act, ...input }: AppInput & { act: Act }): Promise<App> {
  const id = readNewAppId(input.appId, deps)
  const secret = deps.sealAppSecret(id, input.secret === undefined ? '' : readAppSecret(input.secret, deps))
  const app = {
    id,
    realmId: readRealmId(input.realm ?? 'default'),
    kind: readAppKind(input.kind ?? 'miniprogram'),
    name: input.name ?? id,
    secretSealed: secret.secretSealed,
    origins: (input.origins ?? []).map(readOrigin),
    createdAt: act.now,
  }
  const added = await deps.registry.addApp({ act, app, sealedBy: secret.sealedBy })
  if (added === 'sealed_by_another') throw masterKeyReplaced()
  if (added === 'exists') throw new ProblemError('already_exists', 'This app is here already. Change it instead.')
  if (added === 'realm_unknown') throw noSuchRealm()
  return appFromRegistry(deps, id)
}

import type { Act } from '../domain/act.ts'
import type { App } from '../domain/app.ts'
import { type AddAppDeps, type AppInput, addApp } from './add-app.ts'
import { changeApp } from './change-app.ts'

export type PutAppInput = AppInput & { act: Act }

/** Adds an app, or brings the one that is there to what is given. Throws as adding and changing do. */
export async function putApp(deps: AddAppDeps, input: PutAppInput): Promise<App> {
  return deps.directory.app(input.appId) ? changeApp(deps, input) : addApp(deps, input)
}

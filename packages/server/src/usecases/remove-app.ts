import type { Act } from '../domain/act.ts'
import { readAppId } from '../domain/app-fields.ts'
import { noSuchApp } from '../domain/no-such.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Directory } from '../ports/directory.ts'
import type { Registry } from '../ports/registry.ts'

export interface RemoveAppDeps {
  registry: Registry
  directory: Directory
}

/** @throws {ProblemError} `app_unknown`, `already_exists` (it has users) */
export async function removeApp(
  { registry, directory }: RemoveAppDeps,
  { act, appId }: { act: Act; appId: string },
): Promise<void> {
  const removed = await registry.removeApp({ act, appId: readAppId(appId) })
  if (removed === 'unknown') throw noSuchApp()
  if (removed === 'has_identities') {
    throw new ProblemError('already_exists', 'This app has users; removing it would lose who they are.')
  }
  await directory.refresh()
}

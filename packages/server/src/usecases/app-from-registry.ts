import type { App } from '../domain/app.ts'
import { noSuchApp } from '../domain/no-such.ts'
import type { Directory } from '../ports/directory.ts'

export interface AppFromRegistryDeps {
  directory: Directory
}

/** An app that was changed a moment ago, as this process sees it from now on. */
export async function appFromRegistry({ directory }: AppFromRegistryDeps, id: string): Promise<App> {
  await directory.refresh()
  const app = directory.app(id)
  if (!app) throw noSuchApp()
  return app
}

import type { App } from '../domain/app.ts'
import { noSuchApp } from '../domain/no-such.ts'
import type { Directory } from '../ports/directory.ts'

/** The app that somebody wants to sign in to. @throws {ProblemError} `app_unknown` */
export function findApp(directory: Directory, appId: string): App {
  const app = directory.app(appId)
  if (!app) throw noSuchApp()
  return app
}

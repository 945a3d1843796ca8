import type { App } from '../domain/app.ts'
import { ProblemError } from '../domain/problem-error.ts'
import type { Directory } from '../ports/directory.ts'

/** The app that somebody wants to sign in to. @throws {ProblemError} `app_unknown` */
export function findApp(directory: Directory, appId: string): App {
  const app = directory.app(appId)
  if (!app) throw appUnknown()
  return app
}

export const appUnknown = (): ProblemError =>
  new ProblemError('app_unknown', 'This server does not know the app. An operator adds it with: hufu app add')

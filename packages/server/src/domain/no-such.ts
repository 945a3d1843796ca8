import { ProblemError } from './problem-error.ts'

/** What somebody named and is not there. */
export const noSuchApp = (): ProblemError =>
  new ProblemError('app_unknown', 'This server does not know the app. An operator adds it with: hufu app add')
export const noSuchRealm = (): ProblemError => new ProblemError('not_found', 'There is no such realm. Add it first.')
export const noSuchUser = (): ProblemError => new ProblemError('not_found', 'There is no such user.')

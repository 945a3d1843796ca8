import { ProblemError } from './problem-error.ts'

/** What an operator named and is not there. */
export const noSuchApp = (): ProblemError => new ProblemError('app_unknown', 'There is no such app.')
export const noSuchRealm = (): ProblemError => new ProblemError('not_found', 'There is no such realm. Add it first.')
export const noSuchUser = (): ProblemError => new ProblemError('not_found', 'There is no such user.')

import { ProblemError } from '../domain/problem-error.ts'
import type { Directory, OwnKey } from '../ports/directory.ts'

/** A key of ours by its number. @throws {ProblemError} `not_found` */
export function ownKey(directory: Pick<Directory, 'ownKeys'>, number: number): OwnKey {
  const key = directory.ownKeys().find((one) => one.number === number)
  if (!key) throw new ProblemError('not_found', 'There is no such key. List them with: hufu keys list')
  return key
}

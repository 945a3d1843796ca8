import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { ProblemError } from '../domain/problem-error.ts'

/**
 * Writes a secret to a file that only its owner can read, whole or not at all.
 *
 * @throws {ProblemError} `already_exists` when a file is there and may not be replaced; `invalid_request` when the
 *   system does not let us write there
 */
export function writeSecretFile(file: string, text: string, { replace }: { replace: boolean }): void {
  const beside = `${file}.${randomUUID()}`
  try {
    writeNew(replace ? beside : file, text)
    if (replace) renameSync(beside, file)
  } catch (error) {
    rmSync(beside, { force: true })
    throw refused(file, error as NodeJS.ErrnoException)
  }
}

function writeNew(file: string, text: string): void {
  const opened = openSync(file, 'wx', 0o600)
  try {
    writeSync(opened, text)
    fsyncSync(opened)
  } catch (error) {
    rmSync(file)
    throw error
  } finally {
    closeSync(opened)
  }
}

function refused(file: string, { code }: NodeJS.ErrnoException): ProblemError {
  return code === 'EEXIST'
    ? new ProblemError('already_exists', `${file} is there already; nothing was written. --force replaces it.`)
    : new ProblemError('invalid_request', `${file} cannot be written (${code}); nothing was written.`)
}

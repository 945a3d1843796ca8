import { randomUUID } from 'node:crypto'
import { linkSync, lstatSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, isAbsolute } from 'node:path'
import { Worker } from 'node:worker_threads'
import { ProblemError } from '../../domain/problem-error.ts'
import { makePrivateFile, syncToDisk } from '../private-files.ts'
import type { CopyOrder } from './backup-thread.ts'
import { threadFile } from './thread.ts'

/**
 * Copies a database that is in use into a file of mode 0600: all that was committed before the call is in it. The file
 * appears whole and on the disk, or not at all.
 *
 * @param target an absolute path
 * @param replace lets it take the place of a file that is there
 * @throws {ProblemError} `already_exists`; `invalid_request` when the target cannot be written or is the server's own
 */
export async function backUp(file: string, target: string, { replace = false } = {}): Promise<void> {
  const part = `${target}.${randomUUID().slice(0, 8)}.part`
  try {
    refuseTarget(file, target, replace)
    makePrivateFile(part)
    await copyInThread({ file, into: part })
    if (replace) renameSync(part, target)
    else publish(part, target)
    syncToDisk(dirname(target), 'folder')
  } catch (error) {
    throw inWords(error as Error)
  } finally {
    discard(part)
  }
}

function discard(part: string): void {
  try {
    rmSync(part, { force: true })
  } catch {
    // It could not be made, for a reason that has been said.
  }
}

function refuseTarget(file: string, target: string, replace: boolean): void {
  if (!isAbsolute(target) || /\p{Cc}/u.test(target)) {
    throw new ProblemError('invalid_request', 'Name the file of the backup by its whole path.')
  }
  if (isOwnFile(file, target)) {
    throw new ProblemError(
      'invalid_request',
      'This file belongs to the running database. Choose another for the backup.',
    )
  }
  for (const end of ['-wal', '-journal']) {
    if (!lstatSync(target + end, { throwIfNoEntry: false })) continue
    throw new ProblemError(
      'already_exists',
      `A file with this name and ${end} is there: it would be taken for a part of the backup. Move it away, or choose another name.`,
    )
  }
  const there = lstatSync(target, { throwIfNoEntry: false })
  if (!there) return
  if (!replace) throw alreadyThere()
  if (!there.isFile()) throw new ProblemError('invalid_request', 'The target is there and is not a file.')
}

const alreadyThere = (): ProblemError =>
  new ProblemError('already_exists', 'The file is there already. Choose another name, or replace it with --force.')

/** Whether a name in the data folder is one that the server uses, on file systems that know no case, too. */
function isOwnFile(file: string, target: string): boolean {
  try {
    if (realpathSync(dirname(target)) !== realpathSync(dirname(file))) return false
  } catch {
    return false // no such folder: the copy will say so
  }
  const name = basename(target).toLowerCase()
  const database = basename(file).toLowerCase()
  const ends = ['', '-wal', '-shm', '-journal', '.stamp', '.stamp.new']
  const own = ['hufu.lock', 'hufu.lock-journal', 'hufu.sock', 'master.key', 'admin.token']
  return own.includes(name) || ends.some((end) => name === database + end)
}

/** A link takes no name that is taken. Where the file system has no links, the name is taken first. */
function publish(part: string, target: string): void {
  try {
    linkSync(part, target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw alreadyThere()
    makePrivateFile(target)
    renameSync(part, target)
  }
}

function copyInThread(order: CopyOrder): Promise<void> {
  const worker = new Worker(threadFile('backup-thread'), { workerData: order })
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('exit', (code) => (code === 0 ? resolve() : reject(new Error('the copy was not finished'))))
  })
}

const SQLITE_FULL = 13
const WORDS: Record<string, string> = {
  EEXIST: 'The file is there already. Choose another name, or replace it with --force.',
  ENOENT: 'There is no such folder.',
  ENOTDIR: 'There is no such folder.',
  EACCES: 'The user who runs Hufu may not write there.',
  EPERM: 'The user who runs Hufu may not write there.',
  EROFS: 'Nothing can be written there.',
  ENOSPC: 'The disk is full.',
  EDQUOT: 'The disk is full.',
  ENAMETOOLONG: 'The name is too long.',
}

function inWords(error: Error & { code?: string; errcode?: number }): Error {
  const words = error.errcode === SQLITE_FULL ? WORDS.ENOSPC : WORDS[error.code ?? '']
  if (error instanceof ProblemError || words === undefined) return error
  return new ProblemError('invalid_request', `The backup was not made. ${words}`, { cause: error })
}

import { chmodSync, closeSync, fchmodSync, fsyncSync, mkdirSync, openSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { sep } from 'node:path'
import { ProblemError } from '../domain/problem-error.ts'

const OTHERS = 0o077
const STICKY = 0o1000
const hasModes = process.platform !== 'win32'

/**
 * Makes a folder that only its owner can enter, or narrows the one that is there to that (mode 0700).
 *
 * @throws {ProblemError} `server_misconfigured` when others can enter it and it is not ours to narrow: another user's, one
 *   that everybody shares, or one in which this process or its user works.
 */
export function privateFolder(folder: string): void {
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (!hasModes) return
  if (made !== undefined) chmodSync(folder, 0o700) // whatever the umask took away
  const { mode } = statSync(folder)
  if ((mode & OTHERS) === 0) return
  const real = realpathSync(folder)
  const shared = (mode & STICKY) !== 0 || holds(real, process.cwd()) || holds(real, homedir())
  if (shared || !narrowed(folder, 0o700)) {
    throw new ProblemError(
      'server_misconfigured',
      `Other users can enter the data folder ${folder}, and it is not for Hufu to close it to them. Close it (chmod 700, by its owner), or set HUFU_DATA_DIR to a folder of Hufu's own · 其他用户可以进入数据目录：请由其所有者执行 chmod 700，或为 Hufu 指定独立的目录`,
    )
  }
}

const holds = (folder: string, place: string): boolean =>
  place === folder || place.startsWith(folder.endsWith(sep) ? folder : folder + sep)

/**
 * Makes an empty file that only its owner can read (mode 0600), or narrows the one that is there. A file that is there is
 * never opened: closing it would let go of the locks that SQLite holds on it in this process (POSIX `fcntl`).
 *
 * @throws {ProblemError} `server_misconfigured` when others can read the file and it is not ours to narrow.
 */
export function privateFile(file: string): void {
  try {
    makePrivateFile(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    narrowFile(file)
  }
}

/** Makes a new empty file of mode 0600, whatever the umask. @throws the system's error, `EEXIST` when there is one. */
export function makePrivateFile(file: string): void {
  const made = openSync(file, 'wx', 0o600)
  try {
    if (hasModes) fchmodSync(made, 0o600)
  } finally {
    closeSync(made)
  }
}

/** Takes from a file whatever others may do with it. No file is no fault. @throws as `privateFile` */
export function narrowFile(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false })
  if (!hasModes || !found || (found.mode & OTHERS) === 0 || narrowed(file, 0o600)) return
  throw new ProblemError(
    'server_misconfigured',
    `Other users can reach ${file}, and it belongs to one of them. Let its owner change that (chmod 600), or give it to the user who runs Hufu · 该文件属于其他用户且权限过宽：请执行 chmod 600 或更改所有者`,
  )
}

function narrowed(path: string, mode: number): boolean {
  try {
    chmodSync(path, mode)
    return (statSync(path).mode & OTHERS) === 0 // some file systems agree and do nothing
  } catch {
    return false
  }
}

/** Waits until a file, or the names in a folder, stand on the disk. Not for a file that SQLite has open here. */
export function syncToDisk(path: string, what: 'file' | 'folder'): void {
  if (what === 'folder' && !hasModes) return // Windows has no such thing
  const opened = openSync(path, what === 'file' ? 'r+' : 'r')
  try {
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}
